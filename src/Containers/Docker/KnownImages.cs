using System.Collections.Concurrent;
using Instancer.Containers.Docker.Engine;

namespace Instancer.Containers.Docker;

/// <summary>
/// What images say of themselves, by the names that challenges give them, so that a start need not ask the engine each time. A name may be given to
/// another image at any moment, and a container tells which one it was made of: so an image is remembered once a container was seen to
/// be made of it, and forgotten when one was not.
/// </summary>
internal sealed class KnownImages(EngineClient engine)
{
    private readonly ConcurrentDictionary<string, Image> _known = new(StringComparer.Ordinal);

    /// <summary>The image as it is remembered, or else as the engine tells now.</summary>
    public async ValueTask<EngineResult<Image>> GetAsync(string name, CancellationToken cancellationToken) =>
        _known.TryGetValue(name, out var known) ? known : await engine.InspectImageAsync(name, cancellationToken);

    /// <summary>
    /// To be called with the image that <see cref="GetAsync"/> gave and the id of the one that the container was made of. False if what was
    /// remembered is out of date; it is forgotten.
    /// </summary>
    public bool Confirm(string name, Image image, string? made)
    {
        if (image.Id is { } id && id == made)
        {
            _known[name] = image;
            return true;
        }

        return !Forget(name, image);
    }

    /// <summary>Whether <paramref name="image"/> was remembered. It is not any more.</summary>
    public bool Forget(string name, Image image) => _known.TryRemove(new(name, image));
}
