using System.Globalization;

namespace Dashboard.Sqlite.Tests.Faults;

/// <summary>What a writer in another process knows to be committed.</summary>
internal sealed class CommitLog(string file)
{
    public string File => file;

    public IReadOnlyList<long> Read()
    {
        if (!System.IO.File.Exists(file))
        {
            return [];
        }

        using var stream = new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
        using var reader = new StreamReader(stream);
        var text = reader.ReadToEnd();

        // The last line may be half written at this moment.
        return [.. text[..(text.LastIndexOf('\n') + 1)].Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => long.Parse(line, CultureInfo.InvariantCulture))];
    }

    public async Task GrowAsync(int lines)
    {
        var before = Read().Count;
        await Waiting.UntilAsync(() => Read().Count >= before + lines);
    }
}
