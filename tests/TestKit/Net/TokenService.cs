using System.Collections.Concurrent;
using System.Net;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Instancer.TestKit.Net;

/// <summary>A service that is asked about tokens: a real server on loopback that answers as a test wants.</summary>
public sealed class TokenService : IAsyncDisposable
{
    private readonly WebApplication _application;
    private readonly ConcurrentQueue<(string Body, string? Authorization)> _asked = new();

    private TokenService(int port)
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().ConfigureKestrel(options => options.Listen(IPAddress.Loopback, port));
        builder.Logging.ClearProviders();
        _application = builder.Build();
        _application.Run(async context =>
        {
            using var reader = new StreamReader(context.Request.Body);
            _asked.Enqueue((await reader.ReadToEndAsync(context.RequestAborted), context.Request.Headers.Authorization));
            try
            {
                await Answer(context);
            }
            catch (OperationCanceledException) when (context.RequestAborted.IsCancellationRequested)
            {
                // The gateway gave up, which is what the test wanted to see.
                Interlocked.Increment(ref _given);
            }
        });
    }

    private int _given;

    /// <summary>How it answers.</summary>
    public Func<HttpContext, Task> Answer { get; set; } = Say(200, """{"name":"ann"}""");

    /// <summary>What it was asked, in the order of coming.</summary>
    public IReadOnlyList<(string Body, string? Authorization)> Asked => [.. _asked];

    /// <summary>How many questions were given up.</summary>
    public int GivenUp => Volatile.Read(ref _given);

    /// <summary>Where it is.</summary>
    public Uri Url => new($"{_application.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.Single()}/secret-path?key=secret-key");

    /// <summary>Starts one.</summary>
    /// <param name="port">Where; 0 for anywhere.</param>
    public static async Task<TokenService> StartAsync(int port = 0)
    {
        var service = new TokenService(port);
        await service._application.StartAsync();
        return service;
    }

    /// <summary>Answers with a status and a body.</summary>
    public static Func<HttpContext, Task> Say(int status, string body = "") => context =>
    {
        context.Response.StatusCode = status;
        return context.Response.Body.WriteAsync(Encoding.UTF8.GetBytes(body), context.RequestAborted).AsTask();
    };

    /// <summary>Answers once something has happened.</summary>
    public static Func<HttpContext, Task> SayAfter(Task happened, int status, string body = "") => async context =>
    {
        await happened.WaitAsync(context.RequestAborted);
        await Say(status, body)(context);
    };

    public async ValueTask DisposeAsync()
    {
        using var now = new CancellationTokenSource();
        await now.CancelAsync();
        await _application.StopAsync(now.Token);
        await _application.DisposeAsync();
    }
}
