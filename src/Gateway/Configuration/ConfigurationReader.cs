using System.Net;
using Instancer.Actors;
using Microsoft.Extensions.Configuration;

namespace Instancer.Gateway.Configuration;

/// <summary>Turns the layered sources into options, or into all of their errors.</summary>
internal static class ConfigurationReader
{
    private const double EnoughOverMin = 1.25;
    private const string DefaultMinAvailableMemory = "5%";
    private const int DefaultAdminPort = 9090;

    /// <summary>Loads, reads and checks a configuration.</summary>
    public static ConfigurationOutcome Read(ConfigurationRequest request)
    {
        var (configuration, source, error) = ConfigurationSources.Load(request);
        if (configuration is null)
        {
            return new ConfigurationOutcome.Invalid([error!]);
        }

        var errors = new ConfigurationErrors();
        var file = new SectionReader(configuration, "", errors);
        var root = file.Section("instancer");
        var settings = ReadSettings(root);
        var gateway = root.Section("gateway");
        var gates = new Dictionary<string, ChallengeGate>(StringComparer.Ordinal);
        var tls = new Dictionary<string, TlsSettings>(StringComparer.Ordinal);
        var node = ReadNode(root, gateway, GateReader.ReadDefaults(root, gateway), gates, tls, request.HostMemory, errors);
        var gate = ReadGate(root, gates);
        settings = settings with { Cluster = ClusterReader.Read(root, node.Node) };
        root.Finish();
        file.Finish();
        CrossChecks.Check(node, settings, gates, tls, errors);
        return errors.Lines.Count > 0
            ? new ConfigurationOutcome.Invalid(errors.Lines)
            : new ConfigurationOutcome.Loaded(new NodeConfiguration(node, settings, source, request.File is null)
            {
                Gate = gate,
                Tls = tls,
                Written = configuration.AsEnumerable().ToDictionary(option => option.Key.Replace(':', '.'), option => option.Value, StringComparer.OrdinalIgnoreCase),
            });
    }

    private static OperatorSettings ReadSettings(SectionReader root)
    {
        var stateDirectory = root.Value("stateDirectory", "var", ValueKinds.FilePath);
        var tokensFile = root.Value("tokensFile", Path.Combine(stateDirectory, "tokens"), ValueKinds.FilePath);
        var admin = root.Section("admin");
        var port = admin.IsMissing("port") ? DefaultAdminPort : admin.ValueOrNone("port", ValueKinds.ListenPort);
        var settings = new AdminSettings(
            admin.Value("listen", IPAddress.Loopback, ValueKinds.Address),
            port ?? 0,
            admin.Value("tokenFile", Path.Combine(stateDirectory, "admin-token"), ValueKinds.FilePath));
        admin.Finish();
        return new OperatorSettings
        {
            StateDirectory = stateDirectory,
            TokensFile = tokensFile,
            Admin = port is null ? null : settings,
        };
    }

    private static GateSettings ReadGate(SectionReader root, IReadOnlyDictionary<string, ChallengeGate> gates)
    {
        var gate = new GateSettings { Challenges = gates };
        return gate with
        {
            Bans = GateReader.ReadBans(root.Section("bans")),
            Authentication = AuthenticationReader.Read(root.Section(AuthenticationReader.Name)),
            WorkCpu = WorkReader.ReadCpu(root.Section("pow"), gate.WorkCpu),
        };
    }

    private static NodeOptions ReadNode(
        SectionReader root,
        SectionReader gateway,
        ChallengeGate gate,
        Dictionary<string, ChallengeGate> gates,
        Dictionary<string, TlsSettings> tls,
        long hostMemory,
        ConfigurationErrors errors)
    {
        var node = new NodeOptions
        {
            Challenges = [],
        };
        return node with
        {
            Node = root.Value("node", node.Node, ValueKinds.NodeName),
            Gateway = ReadGateway(gateway, node.Gateway),
            Ports = ReadPorts(root.Section("ports"), node.Ports, errors),
            Reaper = ReadReaper(root.Section("reaper"), node.Reaper, hostMemory, errors),
            StartQueue = ReadStartQueue(root.Section("startQueue"), node.StartQueue),
            Challenges = ChallengeReader.ReadAll(root.Section("challenges"), gate, gates, tls, hostMemory, errors),
        };
    }

    private static GatewayOptions ReadGateway(SectionReader section, GatewayOptions defaults)
    {
        var gateway = new GatewayOptions
        {
            Listen = section.Value("listen", IPAddress.Parse(defaults.Listen), ValueKinds.Address).ToString(),
            PreambleTimeout = section.Value("preambleTimeout", defaults.PreambleTimeout, ValueKinds.Duration),
            MaxConnections = section.Value("maxConnections", defaults.MaxConnections, ValueKinds.Count(1, 1_000_000)),
            DrainTimeout = section.Value("drainTimeout", defaults.DrainTimeout, ValueKinds.Duration),
        };
        section.Finish();
        return gateway;
    }

    private static PortRange ReadPorts(SectionReader section, PortRange defaults, ConfigurationErrors errors)
    {
        var ports = new PortRange(
            section.Value("first", defaults.First, ValueKinds.Port), section.Value("last", defaults.Last, ValueKinds.Port));
        section.Finish();
        if (ports.First > ports.Last)
        {
            errors.Add(section.PathOf("last"), $"{ports.Last} is below {section.PathOf("first")}, {ports.First}; allowed: first to 65535");
        }

        return ports;
    }

    private static ReaperOptions ReadReaper(SectionReader section, ReaperOptions defaults, long hostMemory, ConfigurationErrors errors)
    {
        var size = ValueKinds.Size(hostMemory);
        _ = SizeText.TryParse(DefaultMinAvailableMemory, hostMemory, out var defaultMin);
        var min = section.Value("minAvailableMemory", defaultMin, size);
        var enough = section.ValueOrNone("enoughAvailableMemory", size) ?? (long)(min * EnoughOverMin);
        var reaper = new ReaperOptions
        {
            Interval = section.Value("interval", defaults.Interval, ValueKinds.Duration),
            Order = section.Value("order", defaults.Order, ValueKinds.Choice(
                "an order", ("oldest-idle-first", ReapOrder.OldestIdleFirst), ("oldest", ReapOrder.Oldest))),
            MinAvailableMemory = min,
            EnoughAvailableMemory = enough,
            MemoryBudget = section.ValueOrNone("memoryBudget", size),
        };
        section.Finish();
        if (enough < min)
        {
            errors.Add(
                section.PathOf("enoughAvailableMemory"),
                $"{enough} bytes is below {section.PathOf("minAvailableMemory")}, {min} bytes; allowed: at least as much");
        }

        return reaper;
    }

    private static StartQueueOptions ReadStartQueue(SectionReader section, StartQueueOptions defaults)
    {
        var queue = new StartQueueOptions
        {
            ConcurrentStarts = section.Value("concurrentStarts", defaults.ConcurrentStarts, ValueKinds.Count(1, 1024)),
            Length = section.Value("length", defaults.Length, ValueKinds.Count(1, 1_000_000)),
            Timeout = section.Value("timeout", defaults.Timeout, ValueKinds.Duration),
        };
        section.Finish();
        return queue;
    }
}
