using System.Globalization;
using Instancer.Actors.Instances;
using Instancer.Containers.Docker;

namespace Instancer.Gateway.Configuration;

/// <summary>Reads the containers of a challenge: one, whose options stand beside the challenge's own, or several, each in a section of its own.</summary>
internal static class ContainersReader
{
    /// <summary>The section of several.</summary>
    public const string Option = "containers";

    private const int MostContainers = 16;

    private static readonly string[] ChallengeOptions =
        ["port", "scope", "runtime", "ttl", "idleTimeout", "startTimeout", "maxInstances", "warm", "flag", "address", "egress", Option];

    /// <summary>The containers, with nothing but their own options.</summary>
    public static DockerTemplate Read(SectionReader challenge, FlagTemplate? flag, long hostMemory)
    {
        var reader = new ContainerReader(flag, hostMemory);
        var template = challenge.IsMissing(Option) ? reader.ReadFront(challenge) : ReadSeveral(challenge, reader);
        if (flag is not null && template.Containers.All(one => one.Container is { FlagVariable: null, FlagFile: null }))
        {
            challenge.Fail("flag", "no container has a flagVariable or a flagFile to get it in; allowed: at least one that has, or no flag");
        }

        return template;
    }

    private static DockerTemplate ReadSeveral(SectionReader challenge, ContainerReader reader)
    {
        challenge.Refuse($"is of one container; allowed: in the container's section in {challenge.PathOf(Option)}", [.. ContainerReader.AllOptions]);
        var section = challenge.Section(Option);
        var containers = section.Keys.ToDictionary(name => name, section.Section, StringComparer.Ordinal);
        string[] fronts = [.. containers.Where(pair => ContainerReader.IsFront(pair.Value)).Select(pair => pair.Key)];
        if (containers.Count is 0 or > MostContainers)
        {
            challenge.Fail(Option, string.Create(CultureInfo.InvariantCulture, $"{containers.Count} containers; allowed: 1 to {MostContainers}"));
        }
        else if (fronts.Length != 1)
        {
            challenge.Fail(Option, $"{(fronts.Length == 0 ? "no container has" : $"{string.Join(" and ", fronts)} have")} a containerPort; allowed: exactly one with it, which is the one that sessions reach");
        }

        var front = new DockerTemplate { Image = "", ContainerPort = 0 };
        var companions = new Dictionary<string, ContainerTemplate>(StringComparer.Ordinal);
        foreach (var (name, container) in containers)
        {
            if (!ChallengeReader.IsName(name))
            {
                section.Fail(name, $"{ConfigurationErrors.Show(name)} is not a container's name; allowed: {ChallengeReader.AllowedNames}");
            }

            if (fronts.Contains(name))
            {
                front = reader.ReadFront(container) with { Name = name };
            }
            else
            {
                companions[name] = reader.ReadCompanion(container);
            }

            container.Refuse($"is the challenge's; allowed: beside {Option}", ChallengeOptions);
            container.Finish();
        }

        // Alone it is what it would be without the section.
        return companions.Count == 0 ? front with { Name = null } : Grouped(front with { Companions = companions }, containers);
    }

    private static DockerTemplate Grouped(DockerTemplate template, Dictionary<string, SectionReader> containers)
    {
        foreach (var (name, container) in template.Containers)
        {
            if (container.Hardening is { SharesNetworks: false, ContainerRuntime: var runtime })
            {
                containers[name!].Fail("containerRuntime", $"{runtime} gives each container a network stack of its own, and several containers share one; allowed: a runtime on the host's own kernel, such as runc");
            }
        }

        return template;
    }
}
