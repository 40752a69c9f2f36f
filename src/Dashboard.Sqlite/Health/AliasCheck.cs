using Dashboard.Core.Health;
using Dashboard.Sqlite.Aliases;

namespace Dashboard.Sqlite.Health;

/// <summary>What <see cref="FindAliases"/> found of one kind. What could not be looked at is never a pass.</summary>
internal abstract class AliasCheck : SqliteCheck
{
    protected abstract string Fine { get; }

    protected abstract bool IsMine(AliasFinding finding);

    protected override HealthAnswer Look(string location, HealthValues values, CancellationToken cancellationToken)
    {
        SqliteErrors.DemandThere(location);
        var answers = FindAliases.Run(location, cancellationToken).Where(IsMine).Select(Judge).ToList();
        if (answers is [])
        {
            SqliteErrors.DemandThere(location);
            return HealthAnswer.Pass(Fine);
        }

        return HealthAnswer.Join(answers);
    }

    private static HealthAnswer Judge(AliasFinding finding) => finding.Harm switch
    {
        AliasHarm.Unseen => HealthAnswer.Unknown(finding.Problem, $"{finding.WayOut} Or switch this check off here."),
        AliasHarm.OtherName => HealthAnswer.Warn(finding.Problem, finding.WayOut),
        _ => HealthAnswer.Fail(finding.Problem, finding.WayOut),
    };
}
