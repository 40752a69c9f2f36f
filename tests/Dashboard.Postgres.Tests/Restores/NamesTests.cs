using System.Text;
using Dashboard.Postgres.Restores;
using FsCheck.Xunit;
using Xunit;

namespace Dashboard.Postgres.Tests.Restores;

public sealed class NamesTests
{
    private static readonly DateTimeOffset Now = new(2026, 11, 22, 2, 15, 0, TimeSpan.Zero);

    [Property]
    public void A_name_beside_fits_and_is_known_as_its_databases_own(string? word)
    {
        var database = "d" + new string([.. (word ?? "").Where(letter => !char.IsControl(letter) && !char.IsSurrogate(letter))]);
        var kept = Names.Beside(database, Names.Before, Now);

        Assert.InRange(Encoding.UTF8.GetByteCount(kept), 1, 63);
        Assert.True(Names.IsKeptOf(database, kept));
        Assert.True(Names.IsUnfinishedOf(database, Names.Twin(database, kept, Names.Restore)));
        Assert.False(Names.IsKeptOf(database + "x", kept));
    }

    [Theory]
    [InlineData("shop")]
    [InlineData("shop__before")]
    [InlineData("shop__before_20261122")]
    [InlineData("shop__before_20261122t021500z_copy")]
    [InlineData("other__before_20261122t021500z")]
    [InlineData("shop__restore_20261122t021500z")]
    public void Nothing_else_is_taken_for_what_a_restore_has_kept(string name) => Assert.False(Names.IsKeptOf("shop", name));
}
