using System.Diagnostics.CodeAnalysis;
using System.Net;

namespace Instancer.Containers.Docker.Engine;

/// <summary>Why a call to the engine failed.</summary>
/// <param name="Status">The status of the engine's answer; null if there was none.</param>
/// <param name="Message">The engine's own <c>message</c>, or why there was no answer, in one line.</param>
internal sealed record EngineError(HttpStatusCode? Status, string Message)
{
    /// <summary>An engine names container, network and image at length before it says, last of all, what is wrong.</summary>
    public const int MaxLength = 1000;

    public bool IsUnreachable => Status is null or HttpStatusCode.ServiceUnavailable;

    public bool IsNotFound => Status == HttpStatusCode.NotFound;

    public bool IsConflict => Status == HttpStatusCode.Conflict;

    /// <summary>Whether there are several of the name that was asked for.</summary>
    public bool IsAmbiguous => Mentions("is ambiguous");

    public bool Mentions(string text) => Message.Contains(text, StringComparison.OrdinalIgnoreCase);
}

/// <summary>The engine's answer, or why there is none.</summary>
internal readonly record struct EngineResult<T>(T? Value, EngineError? Error)
    where T : class
{
    [MemberNotNullWhen(true, nameof(Value))]
    [MemberNotNullWhen(false, nameof(Error))]
    public bool Succeeded => Error is null;

    public static implicit operator EngineResult<T>(T value) => new(value, null);

    public static implicit operator EngineResult<T>(EngineError error) => new(null, error);
}
