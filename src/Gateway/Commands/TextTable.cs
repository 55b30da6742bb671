namespace Instancer.Gateway.Commands;

/// <summary>Columns of text, wide enough for what is in them, two spaces apart.</summary>
internal static class TextTable
{
    /// <summary>Writes the headings and the rows.</summary>
    public static void Write(TextWriter output, string[] headings, IEnumerable<string[]> rows)
    {
        var all = rows.Prepend(headings).ToList();
        var widths = headings.Select((_, column) => all.Max(row => row[column].Length)).ToArray();
        foreach (var row in all)
        {
            output.WriteLine(string.Join("  ", row.Select((cell, column) => cell.PadRight(widths[column]))).TrimEnd());
        }
    }
}
