using System.Text;

namespace Instancer.Gate.Addresses;

/// <summary>Reads the contents of a file of blocks: an address or a block a line; <c>#</c> and what follows it is a comment.</summary>
internal static class BlockFileText
{
    /// <summary>The blocks; null, with the first bad line's number and what is wrong with it, if there is one.</summary>
    public static (BlockSet? Blocks, int Line, string? Error) Parse(ReadOnlySpan<byte> contents)
    {
        var blocks = new List<AddressBlock>();
        var number = 0;
        foreach (var range in contents.Split((byte)'\n'))
        {
            number++;
            var line = contents[range];
            var comment = line.IndexOf((byte)'#');
            line = (comment < 0 ? line : line[..comment]).Trim(" \t\r"u8);
            if (line.IsEmpty)
            {
                continue;
            }

            var (block, error) = AddressBlock.Parse(Encoding.Latin1.GetString(line));
            if (block is null)
            {
                return (null, number, error);
            }

            blocks.Add(block.Value);
        }

        return (BlockSet.Of(blocks), 0, null);
    }
}
