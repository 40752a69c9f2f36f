using Dashboard.Core.Jobs;

namespace Dashboard.Core.Backups;

/// <summary>Implemented beside <see cref="Databases.IDatabaseEngine"/> by an engine that can take in a dump which this product did not make.</summary>
public interface IForeignDumps
{
    /// <summary>What it takes in, for the page: "An archive of pg_dump -Fc, or …".</summary>
    string Accepts { get; }

    /// <summary>What a plain file is, told from its content and never from its name.</summary>
    /// <exception cref="Databases.DatabaseException">When it is nothing that can be taken in; the sentence says why.</exception>
    Task<ForeignContent> RecogniseAsync(string file, CancellationToken cancellationToken);

    /// <summary>What a folder is that somebody gave in place of a file, and what to give instead.</summary>
    Databases.DatabaseException RefuseFolder(string folder) => new($"{folder} is a folder, not a dump.", "Give the path of the file in it.");

    /// <summary>Why no script can be run here, with what to do; null when one can.</summary>
    Task<string?> FindScriptBlockerAsync(string location, CancellationToken cancellationToken);

    /// <summary>
    /// Runs a script into a new database beside an existing one, as somebody who may do nothing else. It happens whole or leaves nothing:
    /// <see cref="Databases.IDatabaseEngine.FindCopyAsync"/> removes what a killed one left.
    /// </summary>
    Task<CopyResult> RunScriptAsync(string location, CopyWork work, RunProgress progress, CancellationToken cancellationToken);
}

/// <param name="Title">"An archive of pg_dump 15.18, taken of shop".</param>
/// <param name="Identity">As <see cref="BackupContent.Identity"/>, as far as it can be told.</param>
public sealed record ForeignContent(ForeignKind Kind, string Title, IReadOnlyDictionary<string, string> Identity);

public enum ForeignKind
{
    /// <summary>What the engine's own backups are, made by somebody else. It can run code as the login that restores it.</summary>
    Archive,

    /// <summary>Statements, which only fit into a new database.</summary>
    Script,
}
