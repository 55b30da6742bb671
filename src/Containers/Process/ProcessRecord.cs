using System.Text.Json.Serialization;

namespace Instancer.Containers.Process;

/// <summary>
/// What is written down of a backend before it is started, so that a process that outlives a killed gateway is found by the next one.
/// Its process id is written beside it, by the process itself.
/// </summary>
/// <param name="Id">The backend's id, and the value of <see cref="Marker"/> in the environment of all its processes.</param>
/// <param name="Key">The instance key.</param>
/// <param name="Spec">The digest of the template.</param>
/// <param name="Port">The port it was told to listen on.</param>
/// <param name="Created">When it was started.</param>
/// <param name="Boot">Which boot of the system its process id belongs to.</param>
/// <param name="HasGroup">Whether it leads a process group of its own.</param>
internal sealed record ProcessRecord(string Id, string Key, string Spec, int Port, DateTimeOffset Created, string Boot, bool HasGroup)
{
    /// <summary>The variable that marks a backend's processes as Instancer's.</summary>
    public const string Marker = "INSTANCER_BACKEND";
}

/// <summary>A process id, and the moment that tells it from a later process with the same id.</summary>
/// <param name="Pid">The process id.</param>
/// <param name="StartTime">Clock ticks from boot to its start; null where the system does not tell.</param>
internal sealed record ProcessIdentity(int Pid, long? StartTime);

[JsonSerializable(typeof(ProcessRecord))]
internal sealed partial class ProcessJson : JsonSerializerContext;
