using Instancer.Gateway.Admin;
using Instancer.Gateway.Configuration;
using Instancer.Gateway.Hosting;
using Microsoft.Extensions.Logging;

namespace Instancer.Gateway.Commands;

/// <summary><c>instancer serve</c>: runs a node until a signal, or its own failure, ends it.</summary>
internal static class ServeCommand
{
    /// <summary>Runs the command to its exit code.</summary>
    public static async Task<int> RunAsync(ConfigurationRequest request, bool verbose, CommandConsole console)
    {
        if (!ConfigurationReader.Read(request).TryGet(out var configuration, out var errors))
        {
            return console.Refuse(errors);
        }

        var time = TimeProvider.System;
        var provider = new LineLoggerProvider(console.Error, time, verbose ? LogLevel.Debug : LogLevel.Information);
        await using (provider.ConfigureAwait(false))
        {
            using var loggers = new LineLoggerFactory(provider);
            return await ServeAsync(request, configuration, time, loggers, console).ConfigureAwait(false);
        }
    }

    private static async Task<int> ServeAsync(
        ConfigurationRequest request, NodeConfiguration configuration, TimeProvider time, ILoggerFactory loggers, CommandConsole console)
    {
        var logger = loggers.CreateLogger<Node>();
        using var signals = new StopSignals(logger);
        LogMessages.Starting(logger, configuration.Node.Node, configuration.Source);
        DevelopmentToken.MakeOnFirstRun(configuration);
        var (node, error) = await Node.StartAsync(configuration, new HostMemoryProbe(), time, loggers).ConfigureAwait(false);
        if (node is null)
        {
            return console.Fail(ExitCode.Failed, error!);
        }

        await using (node.ConfigureAwait(false))
        {
            try
            {
                await node.StartAdminAsync(signals).ConfigureAwait(false);
            }
            catch (Exception e) when (e is AdminListenException or IOException or UnauthorizedAccessException)
            {
                await node.DrainAsync(new CancellationToken(canceled: true)).ConfigureAwait(false);
                return console.Fail(ExitCode.Failed, e.Message);
            }

            await console.Output.WriteAsync(node.Announce()).ConfigureAwait(false);
            await console.Output.FlushAsync().ConfigureAwait(false);
            var watch = ConfigurationWatch.Start(request, configuration, node.Apply, time, logger);
            await using (watch.ConfigureAwait(false))
            {
                return await RunToEndAsync(node, configuration, signals, logger, console).ConfigureAwait(false);
            }
        }
    }

    private static async Task<int> RunToEndAsync(Node node, NodeConfiguration configuration, StopSignals signals, ILogger logger, CommandConsole console)
    {
        try
        {
            var first = await Task.WhenAny(signals.First, node.Refused, node.Completion).ConfigureAwait(false);
            if (first == node.Refused)
            {
                await node.DrainAsync(new CancellationToken(canceled: true)).ConfigureAwait(false);
                return console.Fail(ExitCode.Usage, await node.Refused.ConfigureAwait(false));
            }

            if (first == signals.First)
            {
                LogMessages.Draining(logger, await signals.First.ConfigureAwait(false), configuration.Node.Gateway.DrainTimeout);
                await node.DrainAsync(signals.Hurry).ConfigureAwait(false);
            }

            await node.Completion.ConfigureAwait(false);
            LogMessages.Stopped(logger);
            return ExitCode.Done;
        }
        catch (Exception e)
        {
            // Whatever ends the node's actors, the operator has to see it, and whoever supervises this process has to know.
            LogMessages.NodeFailed(logger, e);
            return ExitCode.Failed;
        }
    }
}
