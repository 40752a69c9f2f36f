namespace Dashboard.Core.Jobs;

/// <summary>What has to be put in order at start before the first run is taken. Called once, in the order of registration.</summary>
internal interface IBeforeWork
{
    Task PrepareAsync(CancellationToken cancellationToken);
}
