using System.Globalization;
using System.Text.Json;
using Instancer.Actors;
using Instancer.Containers.Linux;
using Microsoft.Extensions.Logging;

namespace Instancer.Containers.Process;

/// <summary>The records of running processes, two files each: <c>ID.json</c> by the gateway, <c>ID.pid</c> by the process.</summary>
internal sealed class ProcessRecords(string stateDirectory, ILogger logger)
{
    private readonly string _directory = Path.GetFullPath(Path.Combine(stateDirectory, "processes"));

    public string PidFile(string id) => Path.Combine(_directory, id + ".pid");

    /// <exception cref="IOException">The directory cannot be written to.</exception>
    /// <exception cref="UnauthorizedAccessException">The directory cannot be written to.</exception>
    public void Write(ProcessRecord record)
    {
        if (OperatingSystem.IsWindows())
        {
            Directory.CreateDirectory(_directory);
        }
        else
        {
            Directory.CreateDirectory(_directory, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        }

        // Renamed into place: a record is there whole or not at all.
        var draft = RecordFile(record.Id) + ".new";
        File.WriteAllBytes(draft, JsonSerializer.SerializeToUtf8Bytes(record, ProcessJson.Default.ProcessRecord));
        File.Move(draft, RecordFile(record.Id));
    }

    public void Delete(string id)
    {
        File.Delete(PidFile(id));
        File.Delete(RecordFile(id));
    }

    /// <summary>What an earlier gateway left behind. A record that cannot be read is logged and removed.</summary>
    public List<(ProcessRecord Record, InstanceKey Key, ProcessIdentity? Identity)> ReadAll()
    {
        var found = new List<(ProcessRecord, InstanceKey, ProcessIdentity?)>();
        if (!Directory.Exists(_directory))
        {
            return found;
        }

        foreach (var draft in Directory.GetFiles(_directory, "*.new"))
        {
            File.Delete(draft);
        }

        foreach (var file in Directory.GetFiles(_directory, "*.json"))
        {
            var id = Path.GetFileNameWithoutExtension(file);
            try
            {
                var record = JsonSerializer.Deserialize(File.ReadAllBytes(file), ProcessJson.Default.ProcessRecord);
                if (record is null || record.Id != id || !InstanceKey.TryParse(record.Key, out var key))
                {
                    throw new JsonException("it is not a record of a process");
                }

                found.Add((record, key, ReadIdentity(id)));
            }
            catch (Exception e) when (e is JsonException or FormatException)
            {
                logger.CorruptRecord(file, OneLine.Of(e.Message));
                Delete(id);
            }
        }

        return found;
    }

    /// <summary>What the process wrote of itself: the line of <c>/proc/PID/stat</c>, or its id alone where there is none; null if nothing.</summary>
    public ProcessIdentity? ReadIdentity(string id)
    {
        var file = PidFile(id);
        var text = File.Exists(file) ? File.ReadAllText(file) : "";
        return ProcessTable.TryParse(text, out var stat) ? new ProcessIdentity(stat.Id, stat.StartTime)
            : int.TryParse(text, NumberStyles.AllowTrailingWhite, CultureInfo.InvariantCulture, out var pid) && pid > 1 ? new ProcessIdentity(pid, null)
            : null;
    }

    private string RecordFile(string id) => Path.Combine(_directory, id + ".json");
}
