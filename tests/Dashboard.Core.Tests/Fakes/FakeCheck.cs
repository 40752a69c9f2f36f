using Dashboard.Core.Health;

namespace Dashboard.Core.Tests.Fakes;

/// <summary>A check that says what the test says.</summary>
internal sealed class FakeCheck(string key, Func<HealthQuestion, CancellationToken, Task<HealthAnswer>> look) : IHealthCheck
{
    public FakeCheck(string key, Func<HealthAnswer> look)
        : this(key, (_, _) => Task.FromResult(look()))
    {
    }

    public bool IsCritical { get; init; }

    public bool NeedsOpenDatabase { get; init; }

    public IReadOnlyList<HealthField> Fields { get; init; } = [];

    public TimeSpan? Patience { get; init; } = TimeSpan.FromSeconds(30);

    public HealthDescription Description => new(key, $"Check {key}", "Looks at it.", IsCritical) { NeedsOpenDatabase = NeedsOpenDatabase, Fields = Fields, Patience = Patience };

    public Task<HealthAnswer> LookAsync(HealthQuestion question, CancellationToken cancellationToken) => look(question, cancellationToken);
}
