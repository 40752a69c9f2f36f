using Dashboard.Core.Access;
using Dashboard.Core.Databases;

namespace Dashboard.Core.Tests.Access;

public sealed class PermitTests
{
    private static readonly Verb[] ForTheDashboard = [Verb.TakeBackup, Verb.AddDatabase, Verb.PurgeBackup, Verb.DropKept, Verb.EditSchedule, Verb.ChangeSample, Verb.CollectMetrics];

    public static TheoryData<Verb> Verbs => [.. Enum.GetValues<Verb>()];

    [Theory]
    [MemberData(nameof(Verbs))]
    public void The_local_administrator_may_do_all(Verb verb) => Permit.Demand(Actor.LocalAdministrator, verb, Subject.Installation);

    [Theory]
    [MemberData(nameof(Verbs))]
    public void The_schedule_may_take_backups_maintain_check_health_and_remove_old_rows_and_nothing_else(Verb verb) => Assert.Equal(verb is Verb.TakeBackup or Verb.Maintain or Verb.CheckHealth or Verb.RemoveRows, IsAllowed(Actor.Schedule, verb));

    [Theory]
    [MemberData(nameof(Verbs))]
    public void The_dashboard_itself_may_do_its_own_housework_and_nothing_else(Verb verb) => Assert.Equal(ForTheDashboard.Contains(verb), IsAllowed(Actor.Dashboard, verb));

    [Theory]
    [MemberData(nameof(Verbs))]
    public void Any_other_person_may_do_nothing(Verb verb) => Assert.False(IsAllowed(new Actor("Mallory", ActorKind.Person), verb));

    [Theory]
    [MemberData(nameof(Verbs))]
    public void A_kind_of_actor_that_nobody_thought_of_may_do_nothing(Verb verb) => Assert.False(IsAllowed(new Actor("Local administrator", (ActorKind)99), verb));

    [Fact]
    public void A_verb_that_nobody_thought_of_is_denied_to_all()
    {
        Assert.False(IsAllowed(Actor.LocalAdministrator, (Verb)999));
        Assert.False(IsAllowed(Actor.Dashboard, (Verb)999));
    }

    [Fact]
    public void A_refusal_says_who_wanted_what()
    {
        var refused = Assert.Throws<PermissionDeniedException>(() => Permit.Demand(Actor.Schedule, Verb.PurgeBackup, Subject.Installation));

        Assert.Equal("Schedule may not do this (PurgeBackup on this installation). Ask an administrator.", refused.Message);
    }

    private static bool IsAllowed(Actor actor, Verb verb)
    {
        try
        {
            Permit.Demand(actor, verb, Subject.Database(Guid.NewGuid()));
            return true;
        }
        catch (PermissionDeniedException)
        {
            return false;
        }
    }
}
