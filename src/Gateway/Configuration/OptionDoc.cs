namespace Instancer.Gateway.Configuration;

/// <summary>What an operator has to know of one option. The README's table is made of these, and a test compares the two.</summary>
/// <param name="Path">The option, below <c>instancer</c>; <c>NAME</c> stands for a challenge's name.</param>
/// <param name="Default">Its default as it would be written, or a dash where it has to be given.</param>
/// <param name="Meaning">What it is, with its unit.</param>
/// <param name="Risk">What goes wrong when it is too small or too large.</param>
internal sealed record OptionDoc(string Path, string Default, string Meaning, string Risk = "")
{
    /// <summary>The options, in the order of the file.</summary>
    public static IReadOnlyList<OptionDoc> All { get; } =
    [
        new("node", "`\"node-1\"`", "The node's name; marks its backends.", "Two nodes of one name on one engine remove each other's instances; a new name abandons those that run."),
        new("stateDirectory", "`\"var\"`", "Where the node writes: admin token, development token, records of processes."),
        new("tokensFile", "`tokens` in the state directory", "The accepted tokens, looked at every second."),
        new("gateway.listen", "`\"127.0.0.1\"`", "The IP address that challenges listen on; `0.0.0.0` or `::` for all."),
        new("gateway.preambleTimeout", "`\"00:00:10\"`", "How long the 130 bytes may take.", "Too small cuts off slow clients, too large lets silent ones hold sockets."),
        new("gateway.maxConnections", "`8192`", "Connections each challenge serves at once; more wait in its backlog.", "Each takes two open files: too large, and the process's limit is reached first."),
        new("gateway.drainTimeout", "`\"00:00:30\"`", "How long sessions may go on after SIGTERM.", "Longer than whoever stops the process waits, and it is killed meanwhile."),
        new("ports.first", "`20000`", "The first port that instances may be given."),
        new("ports.last", "`29999`", "The last one.", "Too few ports, and the oldest instances go. Ports that others take are skipped."),
        new("reaper.interval", "`\"00:00:01\"`", "How often memory is measured.", "Too large, and it may run out between two looks."),
        new("reaper.order", "`\"oldest-idle-first\"`", "Who goes first: `oldest-idle-first` (idle ones by age, then busy ones by age) or `oldest` (plainly by age)."),
        new("reaper.minAvailableMemory", "`\"5%\"`", "Below this much available memory culling starts; `0%` for never.", "Too small, and the kernel kills before the reaper culls; too large culls without need."),
        new("reaper.enoughAvailableMemory", "1.25 times the former", "Above this much available memory culling ends."),
        new("reaper.memoryBudget", "`null`", "What the memory limits of all instances may add up to; `null` for no budget."),
        new("startQueue.concurrentStarts", "`8`", "Starts that run at once.", "Too large, and all of them are slow."),
        new("startQueue.length", "`1024`", "Starts that may wait; clients past it are closed."),
        new("startQueue.timeout", "`\"00:01:00\"`", "How long a client may wait for its start to begin."),
        new("admin.listen", "`\"127.0.0.1\"`", "The admin endpoint's IP address. Anywhere but on loopback every request needs the bearer token."),
        new("admin.port", "`9090`", "Its port; `0` for one that the system chooses, `null` (or `\"admin\": null`) for no endpoint."),
        new("admin.tokenFile", "`admin-token` in the state directory", "The file of the bearer token; made if it is missing."),
        new("cluster.etcd", "-", "The URLs of etcd's members, such as `[\"http://10.0.0.9:2379\"]`; version 3.4 or newer. Without a section `cluster` a node is alone, and none of these options counts.", "With some members left out, the end of those that are named is the end of etcd for this node."),
        new("cluster.advertise", "-", "Where the other nodes reach this one, as IP:PORT. What goes through there is authenticated, not encrypted."),
        new("cluster.listen", "as `cluster.advertise`", "Where it listens for them, as IP:PORT, if that is another address."),
        new("cluster.secretFile", "-", "The file of the secret that the nodes of a cluster share, at least 32 characters; others than its owner and group may have no right to it.", "Whoever has it can act as any node, and any client."),
        new("cluster.lease", "`\"00:00:10\"`", "How long a node keeps its place without a sign of life that reaches etcd, 5 seconds to 5 minutes.", "Too small, and a short absence of etcd ends sessions; too large, and the instances of a node that died are served by nobody for as long."),
        new("cluster.user", "`null`", "The user of an etcd with authentication."),
        new("cluster.passwordFile", "`null`", "The file of its password, with rights like those of `secretFile`."),
        new("cluster.ca", "`null`", "A PEM file with the authorities that vouch for etcd's certificates; `null` for those that the system trusts."),
        new("cluster.certificate", "`null`", "A PEM file with this node's certificate, for an etcd that asks for one."),
        new("cluster.key", "`null`", "A PEM file with the certificate's key, not encrypted; `null` if the key is in `certificate` too."),
        new("challenges.NAME.port", "-", "The port that the challenge listens on; `0` for one that the system chooses."),
        new("challenges.NAME.scope", "`\"identifier\"`", "`identifier`: a preamble names the instance. `connection`: no preamble, an instance for every connection."),
        new("challenges.NAME.runtime", "-", "`docker` or `process`."),
        new("challenges.NAME.ttl", "`\"01:00:00\"`", "How long an instance lives from its start, whoever is connected."),
        new("challenges.NAME.idleTimeout", "`\"00:10:00\"`", "How long an instance lives after its last session has ended.", "Too small, and a client that comes back finds its state gone."),
        new("challenges.NAME.startTimeout", "`\"00:00:30\"`", "How long a start may take until the backend accepts connections.", "Too small, and a slow server never comes up."),
        new("challenges.NAME.maxInstances", "`100`", "Instances at once; one more, and the oldest goes."),
        new("challenges.NAME.warm", "`0`", "Spares: instances that are started before anybody asks, so that the next client need not wait for a start. They count as instances, and go first when room or memory runs short.", "Too many, and memory is held for nobody."),
        new("challenges.NAME.memory", "docker: `\"256MiB\"`, process: `null`", "Docker: each instance's memory limit, at least 6MiB; no swap; `null` for none. Process: not enforced, only counted against the budget.", "Without one an instance may take all the memory there is; past it the kernel kills."),
        new("challenges.NAME.env", "`{ }`", "Environment variables of the instance."),
        new("challenges.NAME.flag", "`null`", "What each start's flag looks like, such as `FLAG{{random}}`; the instance gets it as an environment variable, and `instancer flag` tells whose it is. `{random}` is 32 letters and digits, `{random:N}` N of them, `{hmac}` what only this node can tell of the instance's key, `{name}` the client's name.", "Too few random characters can be guessed."),
        new("challenges.NAME.flagVariable", "`\"FLAG\"`", "The name of that environment variable. In `containers` each has its own; that of one without a `containerPort` is `null` by default, and it does not get the flag. With a `flagFile` the default is `null`."),
        new("challenges.NAME.flagFile", "`null`", "Docker: the file in which the container finds the flag, as a line, such as `/flag.txt`: for everybody in it to read and for nobody to write. What the image has there is hidden."),
        new("challenges.NAME.command", "process: -, docker: the image's", "The words to run. Process: `{port}` is the instance's port, and `instancer` as the first word this very executable."),
        new("challenges.NAME.workingDirectory", "the node's", "Process: where the command runs."),
        new("challenges.NAME.image", "-", "Docker: the image. It has to be on the engine already; nothing is pulled."),
        new("challenges.NAME.containerPort", "-", "Docker: the port that the server listens on inside the container."),
        new(
            "challenges.NAME.containers",
            "-",
            "Docker: in place of `image` and the other options of one container, several as one instance, which share one network. A section for each, by its name "
            + "(1 to 32 of `a-z`, `0-9` and `-`; at most 16 of them), with these options: "
            + $"{string.Join(", ", ContainerReader.AllOptions.Select(option => $"`{option}`"))}. "
            + "Sessions reach the one that has a `containerPort`, and exactly one does."),
        new("challenges.NAME.address", "`\"auto\"`", "Docker: how sessions reach the container: `namespace` (it has no network; Linux, and the node is root beside its engine), `bridge` (a network of Instancer's own; beside a node in a container a network for each), `published` (a port of the host), or `auto` (the first of these that works). Where `namespace` does not work it is one of the others, and the log says why."),
        new("challenges.NAME.egress", "`false`", "Docker: a way out: each instance reaches what the host reaches, on every address. Other instances it does not reach.", "What clients do out there bears the host's address; its own network and a cloud's metadata are out there too."),
        new("challenges.NAME.cpus", "`1`", "Docker: how many CPUs each instance may use, such as `0.5`; `null` for no limit.", "Without a limit one client slows all others."),
        new("challenges.NAME.pids", "`128`", "Docker: how many processes and threads each instance may have, `init` included; `null` for no limit.", "Too few, and the server cannot fork; without a limit one client can exhaust the host's."),
        new("challenges.NAME.openFiles", "`1024`", "Docker: how many files each process may have open; `null` for as many as the engine gives.", "Too few, and the server cannot accept; each open file takes kernel memory of the host."),
        new("challenges.NAME.readOnly", "`true`", "Docker: a read-only root file system. Directories that the image declares as volumes are empty and in memory then, as large as `tmpfs`.", "A writable root has no bound: a client can fill the host's disk."),
        new("challenges.NAME.tmpfs", "`\"16MiB\"`", "Docker: the size of the file system in memory on `/tmp`, at least 4KiB; nothing in it can be executed. It counts as the instance's memory. `null` for none."),
        new("challenges.NAME.user", "the image's; if that is root, 65534:65534", "Docker: who the server runs as: `NAME` or `UID`, with `:GROUP` or `:GID` if wanted, or `root`. A name has to be in the image; a `UID` alone that is not gets the group 0."),
        new("challenges.NAME.capabilities", "`[]`", "Docker: the capabilities that root in the container has, such as `[\"NET_RAW\"]`; all others are dropped.", "Some of them, such as `SYS_ADMIN`, make root in the container root on the host."),
        new("challenges.NAME.noNewPrivileges", "`true`", "Docker: no program can have more rights than the one that starts it: setuid files do nothing."),
        new("challenges.NAME.seccomp", "`null`", "Docker: which system calls may be made: `null` for the engine's own profile, the path of a profile's file, or `unconfined`.", "With `unconfined` all of the host's kernel can be attacked."),
        new("challenges.NAME.init", "`true`", "Docker: the engine's own init is the first process, which reaps zombies. Where the engine has none, a line in the log says so, and it is done without."),
        new("challenges.NAME.containerRuntime", "`null`", "Docker: what the engine starts containers with, such as `runsc`; `null` for its default. The engine has to be configured with it."),
    ];

    /// <summary>The options as a Markdown table.</summary>
    public static string Table() => string.Concat(
        ["| option | default | meaning |\n| --- | --- | --- |\n", .. All.Select(option => $"{option.ToRow()}\n")]);

    private string ToRow() => $"| `{Path}` | {Default} | {$"{Meaning} {Risk}".TrimEnd()} |";
}
