# A node in a container of its own; docker-compose.yml runs it. Both base images are arguments: name others where the
# public ones cannot be reached.
ARG SDK_IMAGE=mcr.microsoft.com/dotnet/sdk:10.0
ARG RUNTIME_IMAGE=mcr.microsoft.com/dotnet/aspnet:10.0

FROM ${SDK_IMAGE} AS build
# What the node runs on, such as linux-arm64: compiled ahead of time for it.
ARG RUNTIME_ID=linux-x64
WORKDIR /source
COPY . .
RUN dotnet publish src/Gateway --configuration Release --runtime ${RUNTIME_ID} --output /app

FROM ${RUNTIME_IMAGE}
COPY --from=build /app /app
ENV PATH=/app:${PATH}

# hocon/single-node.conf is read from here, and var/ written to.
WORKDIR /instancer
VOLUME /instancer/var

# As root: the engine's socket belongs to root and to a group whose number is each host's own. A user without it would be no
# weaker either, because whoever may use that socket is root on the host.
ENTRYPOINT ["/app/instancer"]
