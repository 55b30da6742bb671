using Instancer.Actors.Instances;
using Instancer.Containers.Docker.Engine;

namespace Instancer.Containers.Docker;

/// <summary>One of an instance's containers, which was started.</summary>
/// <param name="Name">A companion's name; null for the container that sessions reach.</param>
/// <param name="Container">As an inspection showed it after it was started.</param>
/// <param name="Exited">Ends when it has ended.</param>
internal sealed record ContainerMember(string? Name, Container Container, Task<BackendExit> Exited)
{
    public string Id => Container.Id;

    /// <summary>What there is to say of a member, with its name in front if it has one.</summary>
    public static string Said(string? name, string what) => name is null ? what : $"container {name}: {what}";

    /// <summary>Ends when the first of them has ended.</summary>
    public static async Task<ContainerMember> FirstEndedAsync(IReadOnlyCollection<ContainerMember> members)
    {
        await Task.WhenAny(members.Select(member => member.Exited));
        return members.First(member => member.Exited.IsCompleted);
    }

    /// <summary>The end of an instance of the container that sessions reach and its companions: one's end is all's.</summary>
    public static Task<BackendExit> ExitOf(Task<BackendExit> front, IReadOnlyCollection<ContainerMember> companions)
    {
        return companions.Count == 0 ? front : FirstAsync();

        async Task<BackendExit> FirstAsync()
        {
            var companion = FirstEndedAsync(companions);
            await Task.WhenAny(front, companion);
            if (front.IsCompleted)
            {
                return await front;
            }

            var ended = await companion;
            return new BackendExit(Said(ended.Name, (await ended.Exited).Reason));
        }
    }
}
