using System.Formats.Tar;
using System.Text;

namespace Instancer.TestKit.Docker;

/// <summary>Images made of Debian's static busybox and a script each: nothing is pulled.</summary>
public static class TestImages
{
    /// <summary>Answers each line with its count in this container and the line reversed, as <c>1 olleh</c>; listens on <see cref="Port"/>.</summary>
    public const string LineServer = "instancer-test/line-server";

    /// <summary>As the line server, two seconds late.</summary>
    public const string LateListener = "instancer-test/late-listener";

    /// <summary>Says <c>cannot open the flag</c> and exits with status 3.</summary>
    public const string ExitsAtOnce = "instancer-test/exits-at-once";

    /// <summary>Runs, and listens nowhere.</summary>
    public const string NeverListens = "instancer-test/never-listens";

    /// <summary>Listens on <see cref="Port"/> of the container's own loopback only.</summary>
    public const string LoopbackOnly = "instancer-test/loopback-only";

    /// <summary>A program in every one of the images, for a processor that nobody here has.</summary>
    public const string Foreign = "/foreign";

    /// <summary>Nothing but busybox and its links: stands in for the public busybox image.</summary>
    public const string Base = "instancer-test/base";

    /// <summary>The line server, with a user and a volume that the image declares: 1000:1001 and <c>/data</c>.</summary>
    public const string Declares = "instancer-test/declares";

    /// <summary>The line server, with a health check ten times a second: healthy while there is a <c>/tmp/healthy</c>, else it says <c>no flag yet</c>.</summary>
    public const string ChecksHealth = "instancer-test/checks-health";

    /// <summary>In each image: busybox's <c>su</c>, setuid root. It tells whether that made it root.</summary>
    public const string SetUid = "/setuid/su";

    public const int Port = 1337;

    // The head of an ELF file for a big-endian S/390.
    private static readonly byte[] ForeignProgram =
        [0x7F, (byte)'E', (byte)'L', (byte)'F', 2, 2, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 2, 0, 22, 0, 0, 0, 1, .. new byte[40]];

    private static readonly string[] Applets = ["sh", "nc", "sleep", "rev", "cat", "mkdir", "rmdir", "printf", "echo", "test", "env", "ip", "wget", "ls", "stty"];

    private static readonly Dictionary<string, string> Scripts = new()
    {
        ["session"] = """
            #!/bin/sh
            while IFS= read -r line; do
              until mkdir /tmp/lock 2>/dev/null; do sleep 0.01; done
              read -r count </tmp/count
              count=$((count + 1))
              echo "$count" >/tmp/count
              rmdir /tmp/lock
              echo "$count $(printf '%s\n' "$line" | rev)"
            done
            """,
        ["line-server"] = """
            #!/bin/sh
            echo 0 >/tmp/count
            exec nc -ll -p 1337 -e /session
            """,
        ["late-listener"] = """
            #!/bin/sh
            sleep 2
            exec /line-server
            """,
        ["exits-at-once"] = """
            #!/bin/sh
            echo starting
            echo cannot open the flag >&2
            exit 3
            """,
        ["never-listens"] = """
            #!/bin/sh
            exec sleep 1000000
            """,
        ["health"] = """
            #!/bin/sh
            test -f /tmp/healthy && exit 0
            echo no flag yet
            exit 1
            """,
        ["loopback-only"] = """
            #!/bin/sh
            exec busybox httpd -f -p 127.0.0.1:1337
            """,
    };

    /// <param name="engine">Where to.</param>
    /// <param name="withHealthCheck">Whether <see cref="ChecksHealth"/> is one of them: podman's import knows no health checks.</param>
    public static async Task BuildAsync(EngineApi engine, bool withHealthCheck = true)
    {
        var tar = await TarAsync();
        (string Name, string Script)[] images =
        [
            (LineServer, "line-server"), (LateListener, "late-listener"), (ExitsAtOnce, "exits-at-once"),
            (NeverListens, "never-listens"), (LoopbackOnly, "loopback-only"),
        ];
        foreach (var (name, script) in images)
        {
            using var stream = new MemoryStream(tar, writable: false);
            await engine.ImportAsync(stream, name, $"CMD [\"/{script}\"]");
        }

        using var bare = new MemoryStream(tar, writable: false);
        await engine.ImportAsync(bare, Base, "CMD [\"/bin/sh\"]");

        using var declaring = new MemoryStream(tar, writable: false);
        await engine.ImportAsync(declaring, Declares, "CMD [\"/line-server\"]", "USER 1000:1001", "VOLUME /data");

        if (!withHealthCheck)
        {
            return;
        }

        using var checking = new MemoryStream(tar, writable: false);
        await engine.ImportAsync(checking, ChecksHealth, "CMD [\"/line-server\"]", "HEALTHCHECK --interval=100ms --timeout=10s --retries=2 CMD [\"/health\"]");
    }

    private static async Task<byte[]> TarAsync()
    {
        using var buffer = new MemoryStream();
        await using (var tar = new TarWriter(buffer, leaveOpen: true))
        {
            foreach (var directory in new[] { "bin", "tmp", "setuid" })
            {
                await tar.WriteEntryAsync(new UstarTarEntry(TarEntryType.Directory, directory + "/") { Mode = directory == "tmp" ? (UnixFileMode)0x3FF : (UnixFileMode)0x1ED });
            }

            var busybox = DockerDaemon.OnPath("busybox") ?? throw new InvalidOperationException("The test images need busybox-static: there is no busybox on the PATH.");
            await WriteProgramAsync(tar, "bin/busybox", await File.ReadAllBytesAsync(busybox));
            await WriteProgramAsync(tar, SetUid[1..], await File.ReadAllBytesAsync(busybox), UnixFileMode.SetUser);
            foreach (var applet in Applets)
            {
                await tar.WriteEntryAsync(new UstarTarEntry(TarEntryType.SymbolicLink, "bin/" + applet) { LinkName = "busybox" });
            }

            await WriteProgramAsync(tar, Foreign.TrimStart('/'), ForeignProgram);
            foreach (var (name, text) in Scripts)
            {
                await WriteProgramAsync(tar, name, Encoding.UTF8.GetBytes(text + "\n"));
            }
        }

        return buffer.ToArray();
    }

    private static async Task WriteProgramAsync(TarWriter tar, string name, byte[] content, UnixFileMode further = UnixFileMode.None)
    {
        using var data = new MemoryStream(content, writable: false);
        await tar.WriteEntryAsync(new UstarTarEntry(TarEntryType.RegularFile, name) { Mode = (UnixFileMode)0x1ED | further, DataStream = data });
    }
}
