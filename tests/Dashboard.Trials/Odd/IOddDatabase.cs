using Dashboard.Comparison;

namespace Dashboard.Trials.Odd;

/// <summary>A database of odd character, looked at by a program that shares no code with the product.</summary>
internal interface IOddDatabase : IAsyncDisposable
{
    string Engine { get; }

    /// <summary>What is typed on the Add page.</summary>
    string Typed { get; }

    int Seed { get; }

    IReadOnlyList<string> Kinds { get; }

    /// <summary>As its application sees it now.</summary>
    Task<Content> ReadAsync();

    /// <summary>What is at another location that the product made.</summary>
    Task<Content> ReadAsync(string location);

    /// <summary>What a backup holds: unpacked and opened with the tools of the engine.</summary>
    Task<Content> ReadBackupAsync(string file);

    /// <summary>What somebody does who ruins it.</summary>
    Task RuinAsync();

    /// <summary>What the engine says of its structure; null when it is sound.</summary>
    Task<string?> FindDamageAsync();

    /// <summary>Whether a restore brings it back, and undo too.</summary>
    bool IsRestored(string fact);

    /// <summary>Whether a fact is one of the content, which a backup and a copy must hold, and not of the database around it.</summary>
    bool IsOfContent(string fact);

    /// <summary>Whether maintenance, which keeps the content, must keep this fact.</summary>
    bool IsKeptByMaintenance(string fact);
}
