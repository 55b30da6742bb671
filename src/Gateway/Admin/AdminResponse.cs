using System.Net.Mime;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Microsoft.AspNetCore.Http;

namespace Instancer.Gateway.Admin;

/// <summary>Writes the endpoint's answers.</summary>
internal static class AdminResponse
{
    /// <summary>The header with the names of the nodes that gave no answer, without which an answer is that of all nodes.</summary>
    public const string UnansweredHeader = "Instancer-Unanswered";

    /// <summary>Plain text.</summary>
    public const string Text = MediaTypeNames.Text.Plain + "; charset=utf-8";

    /// <summary>Says why there is nothing else.</summary>
    public static Task RefuseAsync(HttpContext context, int status, string reason) =>
        WriteAsync(context, status, new AdminError(reason), AdminJson.Default.AdminError);

    /// <summary>Answers with JSON.</summary>
    public static Task WriteAsync<T>(HttpContext context, int status, T value, JsonTypeInfo<T> type) =>
        WriteAsync(context, status, MediaTypeNames.Application.Json, JsonSerializer.Serialize(value, type) + "\n");

    /// <summary>Answers with text of a type.</summary>
    public static Task WriteAsync(HttpContext context, int status, string type, string body)
    {
        context.Response.StatusCode = status;
        context.Response.ContentType = type;
        context.Response.Headers.CacheControl = "no-store";
        var bytes = Encoding.UTF8.GetBytes(body);
        context.Response.ContentLength = bytes.Length;
        return context.Response.Body.WriteAsync(bytes, context.RequestAborted).AsTask();
    }

    /// <summary>Names the nodes that gave no answer.</summary>
    public static void NoteUnanswered(HttpContext context, IReadOnlyList<string> nodes)
    {
        if (nodes.Count > 0)
        {
            context.Response.Headers[UnansweredHeader] = string.Join(", ", nodes);
        }
    }
}
