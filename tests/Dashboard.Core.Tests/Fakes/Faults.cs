using Dashboard.Core.Databases;

namespace Dashboard.Core.Tests.Fakes;

/// <summary>What goes wrong at a step.</summary>
internal interface IFault
{
    Task StrikeAsync(CancellationToken cancellationToken);
}

/// <summary>The process is gone at this step: nothing after it runs, no catch and no finally. The run that waits here is left behind.</summary>
internal sealed class KilledProcess : IFault
{
    private readonly TaskCompletionSource _reached = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public Task Reached => _reached.Task.WaitAsync(Patience.Long);

    public Task StrikeAsync(CancellationToken cancellationToken)
    {
        _reached.TrySetResult();
        return new TaskCompletionSource().Task;
    }
}

/// <summary>A step that takes until it is let go on, or cancelled.</summary>
internal sealed class SlowStep : IFault
{
    private readonly TaskCompletionSource _reached = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _released = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public Task Reached => _reached.Task.WaitAsync(Patience.Long);

    public void LetGo() => _released.TrySetResult();

    public async Task StrikeAsync(CancellationToken cancellationToken)
    {
        _reached.TrySetResult();
        await _released.Task.WaitAsync(cancellationToken);
    }
}

/// <summary>A step that does not hear that it should stop: a thread that is stuck in a dead network drive.</summary>
internal sealed class DeafStep : IFault
{
    private readonly TaskCompletionSource _reached = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _released = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _left = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _calls;

    public int Calls => _calls;

    public Task Reached => _reached.Task.WaitAsync(Patience.Long);

    public Task Left => _left.Task.WaitAsync(Patience.Long);

    public void LetGo() => _released.TrySetResult();

    public async Task StrikeAsync(CancellationToken cancellationToken)
    {
        Interlocked.Increment(ref _calls);
        _reached.TrySetResult();
        await _released.Task;
        _left.TrySetResult();
    }
}

/// <summary>ENOSPC.</summary>
internal sealed class FullDisk : IFault
{
    public static IOException Words() => new("No space left on device : 'shop.lines'", 28);

    public Task StrikeAsync(CancellationToken cancellationToken) => throw Words();
}

/// <summary>The database does not answer; the words are those of its engine.</summary>
internal sealed class DroppedConnection : IFault
{
    public Task StrikeAsync(CancellationToken cancellationToken) => throw new DatabaseBusyException("The connection was dropped.", "Try again.");
}

/// <summary>A fault that nobody foresaw.</summary>
internal sealed class Surprise(string message = "Surprise.") : IFault
{
    public Task StrikeAsync(CancellationToken cancellationToken) => throw new InvalidOperationException(message);
}

/// <summary>Something happens at this step, and it goes on.</summary>
internal sealed class Meanwhile(Action happens) : IFault
{
    public Task StrikeAsync(CancellationToken cancellationToken)
    {
        happens();
        return Task.CompletedTask;
    }
}

/// <summary>How long a test waits for what must come before it calls itself failed.</summary>
internal static class Patience
{
    public static readonly TimeSpan Long = TimeSpan.FromSeconds(60);
}
