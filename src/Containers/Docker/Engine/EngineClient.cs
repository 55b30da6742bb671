using System.Globalization;
using System.Net;
using System.Text.Json;

namespace Instancer.Containers.Docker.Engine;

/// <summary>The endpoints of the Docker Engine API that are used, one method each. What the engine refuses is a value, not an exception.</summary>
internal sealed class EngineClient(EngineEndpoint endpoint) : IDisposable
{
    // A frame has at most 16 KiB.
    private const int LogBytes = 80 << 10;

    private readonly EngineTransport _http = new(endpoint);

    /// <summary>Where the engine is.</summary>
    public EngineEndpoint Endpoint => endpoint;

    /// <summary>The negotiated version, or why there is none.</summary>
    public Task<EngineResult<NegotiatedVersion>> NegotiateAsync(CancellationToken cancellationToken) => _http.NegotiateAsync(cancellationToken);

    public Task<EngineResult<EngineVersion>> GetVersionAsync(CancellationToken cancellationToken) =>
        _http.SendAsync(HttpMethod.Get, "version", null, EngineJson.Default.EngineVersion, cancellationToken);

    public Task<EngineResult<EngineInfo>> GetInfoAsync(CancellationToken cancellationToken) =>
        _http.SendAsync(HttpMethod.Get, "info", null, EngineJson.Default.EngineInfo, cancellationToken);

    public Task<EngineResult<Image>> InspectImageAsync(string name, CancellationToken cancellationToken) =>
        _http.SendAsync(HttpMethod.Get, $"images/{Uri.EscapeDataString(name)}/json", null, EngineJson.Default.Image, cancellationToken);

    public async Task<EngineResult<Created>> CreateContainerAsync(string name, CreateContainer container, CancellationToken cancellationToken)
    {
        var version = await _http.NegotiateAsync(cancellationToken);
        if (!version.Succeeded)
        {
            return version.Error;
        }

        if (version.Value.IsPodman && container.HostConfig.Runtime is { } runtime && await PodmanRefusalAsync(runtime, cancellationToken) is { } refusal)
        {
            return refusal;
        }

        var asked = version.Value.IsPodman ? PodmanDialect.Translated(container) : container;
        return await _http.SendAsync(
            HttpMethod.Post,
            $"containers/create?name={Uri.EscapeDataString(name)}",
            EngineTransport.Json(asked, EngineJson.Default.CreateContainer),
            EngineJson.Default.Created,
            cancellationToken);
    }

    // Podman 4.3 takes the name and uses its default all the same, which may be what the operator does not trust.
    private async Task<EngineError?> PodmanRefusalAsync(string runtime, CancellationToken cancellationToken)
    {
        var info = await GetInfoAsync(cancellationToken);
        return !info.Succeeded ? info.Error
            : info.Value.DefaultRuntime == runtime ? null
            : new EngineError(HttpStatusCode.BadRequest, $"podman would not use {runtime} but {info.Value.DefaultRuntime}: over Docker's API it has its default only");
    }

    /// <summary>A container that runs already is a success, and so is one that has ended already.</summary>
    public async Task<EngineError?> StartContainerAsync(string id, CancellationToken cancellationToken)
    {
        var error = await _http.SendAsync(HttpMethod.Post, $"containers/{Uri.EscapeDataString(id)}/start", cancellationToken);
        return error is not null && PodmanDialect.MissedAProcess(error) ? null : error;
    }

    /// <summary>Gives a container another name; 409 if some container has it.</summary>
    public Task<EngineError?> RenameContainerAsync(string id, string name, CancellationToken cancellationToken) =>
        _http.SendAsync(
            HttpMethod.Post, $"containers/{Uri.EscapeDataString(id)}/rename?name={Uri.EscapeDataString(name)}", cancellationToken);

    /// <summary>Lets a paused container go on.</summary>
    public Task<EngineError?> UnpauseContainerAsync(string id, CancellationToken cancellationToken) =>
        _http.SendAsync(HttpMethod.Post, $"containers/{Uri.EscapeDataString(id)}/unpause", cancellationToken);

    public async Task<EngineResult<Container>> InspectContainerAsync(string idOrName, CancellationToken cancellationToken)
    {
        var path = $"containers/{Uri.EscapeDataString(idOrName)}/json";
        var version = await _http.NegotiateAsync(cancellationToken);
        if (version.Value is not { IsPodman: true })
        {
            return await _http.SendAsync(HttpMethod.Get, path, null, EngineJson.Default.Container, cancellationToken);
        }

        // Podman tells the container runtime by its own API only. Asked first, so that how the container is doing is the latest.
        var own = await _http.SendAsync(HttpMethod.Get, "libpod/" + path, null, EngineJson.Default.PodmanContainer, cancellationToken);
        if (!own.Succeeded)
        {
            return own.Error;
        }

        var inspected = await _http.SendAsync(HttpMethod.Get, path, null, EngineJson.Default.Container, cancellationToken);
        return inspected.Value is { } container ? container with { HostConfig = new UsedRuntime(own.Value.OciRuntime) } : inspected;
    }

    /// <summary>Kills it if it runs, and removes it with its anonymous volumes.</summary>
    public Task<EngineError?> RemoveContainerAsync(string id, CancellationToken cancellationToken) =>
        _http.SendAsync(HttpMethod.Delete, $"containers/{Uri.EscapeDataString(id)}?force=true&v=true", cancellationToken);

    /// <summary>The containers, running or not, that have all of <paramref name="labels"/> (<c>key=value</c>).</summary>
    public Task<EngineResult<List<ListedContainer>>> ListContainersAsync(string[] labels, CancellationToken cancellationToken) =>
        _http.SendAsync(
            HttpMethod.Get,
            $"containers/json?all=true&filters={Filters(new() { ["label"] = labels })}",
            null,
            EngineJson.Default.ListListedContainer,
            cancellationToken);

    /// <summary>The last line that the container wrote, on standard error if it wrote any there; empty if it wrote none or the engine cannot tell.</summary>
    public async Task<string> GetLastLogLineAsync(string id, CancellationToken cancellationToken)
    {
        var path = $"containers/{Uri.EscapeDataString(id)}/logs?stdout=true&stderr=true&tail=4";
        var answer = await _http.OpenAsync(path, cancellationToken);
        if (!answer.Succeeded)
        {
            return "";
        }

        await using var stream = answer.Value;
        var buffer = new byte[LogBytes];
        try
        {
            var length = await stream.ReadAtLeastAsync(buffer, buffer.Length, throwOnEndOfStream: false, cancellationToken);
            return LogStream.LastLine(buffer.AsSpan(0, length));
        }
        catch (IOException)
        {
            return "";
        }
    }

    public Task<EngineResult<Network>> InspectNetworkAsync(string idOrName, CancellationToken cancellationToken) =>
        _http.SendAsync(HttpMethod.Get, $"networks/{Uri.EscapeDataString(idOrName)}", null, EngineJson.Default.Network, cancellationToken);

    /// <summary>The networks whose name contains <paramref name="name"/>.</summary>
    public Task<EngineResult<List<Network>>> ListNetworksAsync(string name, CancellationToken cancellationToken) =>
        _http.SendAsync(
            HttpMethod.Get, $"networks?filters={Filters(new() { ["name"] = [name] })}", null, EngineJson.Default.ListNetwork, cancellationToken);

    /// <summary>Removes a network that nobody is on.</summary>
    public Task<EngineError?> RemoveNetworkAsync(string id, CancellationToken cancellationToken) =>
        _http.SendAsync(HttpMethod.Delete, $"networks/{Uri.EscapeDataString(id)}", cancellationToken);

    public Task<EngineResult<Created>> CreateNetworkAsync(CreateNetwork network, CancellationToken cancellationToken) =>
        _http.SendAsync(
            HttpMethod.Post,
            "networks/create",
            EngineTransport.Json(network, EngineJson.Default.CreateNetwork),
            EngineJson.Default.Created,
            cancellationToken);

    /// <summary>Makes a volume; one of that name is the outcome.</summary>
    public Task<EngineResult<Volume>> CreateVolumeAsync(CreateVolume volume, CancellationToken cancellationToken) =>
        _http.SendAsync(
            HttpMethod.Post, "volumes/create", EngineTransport.Json(volume, EngineJson.Default.CreateVolume), EngineJson.Default.Volume, cancellationToken);

    public Task<EngineError?> RemoveVolumeAsync(string name, CancellationToken cancellationToken) =>
        _http.SendAsync(HttpMethod.Delete, $"volumes/{Uri.EscapeDataString(name)}", cancellationToken);

    /// <summary>The volumes that have the label (<c>key=value</c>).</summary>
    public Task<EngineResult<VolumeList>> ListVolumesAsync(string label, CancellationToken cancellationToken) =>
        _http.SendAsync(
            HttpMethod.Get, $"volumes?filters={Filters(new() { ["label"] = [label] })}", null, EngineJson.Default.VolumeList, cancellationToken);

    /// <summary>Unpacks an archive into a directory of a container.</summary>
    public Task<EngineError?> CopyIntoContainerAsync(string id, string directory, byte[] archive, CancellationToken cancellationToken) =>
        _http.SendAsync(
            HttpMethod.Put, $"containers/{Uri.EscapeDataString(id)}/archive?path={Uri.EscapeDataString(directory)}", EngineTransport.Tar(archive), cancellationToken);

    /// <summary>Puts a container on a network.</summary>
    public Task<EngineError?> ConnectNetworkAsync(string network, string container, CancellationToken cancellationToken) =>
        _http.SendAsync(
            HttpMethod.Post,
            $"networks/{Uri.EscapeDataString(network)}/connect",
            EngineTransport.Json(new ConnectContainer(container), EngineJson.Default.ConnectContainer),
            cancellationToken);

    /// <summary>The stream of events, one JSON object a line, of containers that run out of memory, end or go and have the label.</summary>
    public Task<EngineResult<Stream>> OpenEventsAsync(string label, CancellationToken cancellationToken)
    {
        var filters = Filters(new() { ["label"] = [label], ["type"] = ["container"], ["event"] = ["oom", "die", "destroy", .. PodmanDialect.EventFilters] });
        return _http.OpenAsync(string.Create(CultureInfo.InvariantCulture, $"events?filters={filters}"), cancellationToken);
    }

    public void Dispose() => _http.Dispose();

    private static string Filters(Dictionary<string, string[]> filters) =>
        Uri.EscapeDataString(JsonSerializer.Serialize(filters, EngineJson.Default.DictionaryStringStringArray));
}
