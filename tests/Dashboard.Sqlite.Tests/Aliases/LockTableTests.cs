using Dashboard.Sqlite.Files;
using Xunit;

namespace Dashboard.Sqlite.Tests.Aliases;

public sealed class LockTableTests
{
    private const string Locks =
        """
        1: POSIX  ADVISORY  READ  15992 fe:00:11673616 128 128
        1: -> POSIX  ADVISORY  WRITE 16003 fe:00:11673616 120 120
        2: POSIX  ADVISORY  READ  15992 fe:00:11673614 1073741826 1073742335
        3: FLOCK  ADVISORY  WRITE 15457 fe:00:5318876 0 EOF
        4: OFDLCK ADVISORY  READ  -1 00:2d:77 0 EOF
        5: POSIX  ADVISORY  WRITE 700 00:2d:77 0 EOF
        6: LEASE  ACTIVE    READ  900 08:01:131137 0 EOF
        """;

    [Fact]
    public void Locks_that_are_held_are_read_and_those_that_wait_are_not() =>
        Assert.Equal(
            [
                new HeldLock(15992, FileId.NumberOf(0xfe, 0), 11673616, true, 128, 128),
                new HeldLock(15992, FileId.NumberOf(0xfe, 0), 11673614, true, 1073741826, 1073742335),
                new HeldLock(700, FileId.NumberOf(0, 0x2d), 77, false, 0, long.MaxValue),
            ],
            LockTable.Parse(Locks));

    [Fact]
    public void A_lock_on_some_bytes_is_one_on_any_of_them()
    {
        var held = new HeldLock(1, 2, 3, true, 120, 128);

        Assert.True(held.IsOn(2, 3, 128, 128));
        Assert.True(held.IsOn(2, 3, 0, 120));
        Assert.False(held.IsOn(2, 3, 129, 200));
        Assert.False(held.IsOn(2, 4, 128, 128));
    }
}
