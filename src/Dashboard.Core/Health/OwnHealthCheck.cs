using System.Globalization;
using Dashboard.Core.Databases;

namespace Dashboard.Core.Health;

/// <summary>What a person wrote, as a check like any other.</summary>
internal sealed class OwnHealthCheck(OwnCheck check, EngineCatalog engines, AskService services) : IHealthCheck
{
    public HealthDescription Description { get; } = new(check.Key, check.Title, WordsOf(check), check.IsCritical)
    {
        NeedsOpenDatabase = check.Kind != OwnCheckKind.Service,

        // Its own timeout comes first, and says more.
        Patience = TimeSpan.FromSeconds(check.TimeoutSeconds + 30),
    };

    public async Task<HealthAnswer> LookAsync(HealthQuestion question, CancellationToken cancellationToken)
    {
        if (check.Kind == OwnCheckKind.Service)
        {
            return await services.LookAsync(check, cancellationToken);
        }

        if (engines.For(question.Database!) is not IHealthChecked engine)
        {
            return HealthAnswer.Unknown("Databases of this kind can't be asked by hand.");
        }

        try
        {
            return Judge(await engine.AskOwnAsync(question.Location, check.Question, TimeSpan.FromSeconds(check.TimeoutSeconds), cancellationToken));
        }
        catch (OwnQuestionException refused)
        {
            return HealthAnswer.Fail(refused.Message, refused.NextStep ?? "Correct the question of this check.");
        }
    }

    private HealthAnswer Judge(OwnAnswer answer)
    {
        if (check.Kind == OwnCheckKind.Nothing)
        {
            return answer.Rows.Count == 0
                ? HealthAnswer.Pass("It found nothing, as it should.")
                : HealthAnswer.Fail($"It found {(answer.HasMore ? $"more than {Words.Count(answer.Rows.Count, "row")}" : Words.Count(answer.Rows.Count, "row"))}: {string.Join("; ", answer.Rows.Select(Line))}{(answer.HasMore ? "; …" : ".")}", "Look at these rows in the application.");
        }

        if (answer.Rows is not [[var text]] || answer.HasMore)
        {
            return HealthAnswer.Fail("It did not find exactly one number.", "Write the question so that it answers with one row of one column.");
        }

        if (!double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var number))
        {
            return HealthAnswer.Fail(text is null ? "It found NULL instead of a number." : $"It found “{Short(text)}” instead of a number.", "Write the question so that it answers with a number.");
        }

        var range = Range(check.Low, check.High);
        return (check.Low is { } low && number < low) || (check.High is { } high && number > high)
            ? HealthAnswer.Fail($"It found {HealthValues.Write(number)}; {range} is right.", "Look into the application, or change what is right.")
            : HealthAnswer.Pass($"It found {HealthValues.Write(number)}; {range} is right.");
    }

    private static string WordsOf(OwnCheck check) => check.Kind switch
    {
        OwnCheckKind.Nothing => $"Must find nothing: {check.Question}",
        OwnCheckKind.Number => $"Must find {Range(check.Low, check.High)}: {check.Question}",
        _ => $"{check.Question} must answer {check.Status}{(check.Text.Length > 0 ? $" with “{check.Text}”" : "")} within {Words.Duration(TimeSpan.FromMilliseconds(check.SlowMilliseconds))}.",
    };

    private static string Range(double? low, double? high) => (low, high) switch
    {
        ({ } from, { } to) when from == to => HealthValues.Write(from),
        ({ } from, { } to) => $"{HealthValues.Write(from)} to {HealthValues.Write(to)}",
        ({ } from, null) => $"{HealthValues.Write(from)} or more",
        (null, { } to) => $"{HealthValues.Write(to)} or less",
        _ => "any number",
    };

    private static string Line(IReadOnlyList<string?> row) => string.Join(", ", row.Select(value => value is null ? "NULL" : Short(value)));

    private static string Short(string text) => text.Length <= 60 ? text : text[..59] + "…";
}
