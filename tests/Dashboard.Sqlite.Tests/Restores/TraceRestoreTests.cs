using Dashboard.Core.Backups;
using Dashboard.Sqlite.Restores;
using FsCheck.Xunit;
using Xunit;

namespace Dashboard.Sqlite.Tests.Restores;

public sealed class TraceRestoreTests
{
    [Property]
    public bool The_version_that_was_frozen_means_not_committed(int version) =>
        TraceRestore.Compare(new RestoreMark(version, "restored"), version, "any") == RestoreTrace.NotCommitted;

    [Property]
    public bool One_more_with_the_restored_schema_means_committed(int version) =>
        TraceRestore.Compare(new RestoreMark(version, "restored"), unchecked(version + 1), "restored") == RestoreTrace.Committed;

    [Property]
    public bool Committed_is_never_claimed_of_another_schema(int version, int now) =>
        TraceRestore.Compare(new RestoreMark(version, "restored"), now, "migrated") != RestoreTrace.Committed;

    [Property]
    public bool A_mark_survives_its_storage(int? version, FsCheck.NonNull<string> schema) =>
        RestoreMark.FromJson(new RestoreMark(version, schema.Get).ToJson()) is { } read && read.SchemaVersion == version;

    [Theory]
    [InlineData("")]
    [InlineData("null")]
    [InlineData("[]")]
    [InlineData("{}")]
    public void Rubbish_is_no_mark_that_claims_anything(string json)
    {
        var mark = RestoreMark.FromJson(json);

        Assert.True(mark is null || TraceRestore.Compare(mark, 1, "any") == RestoreTrace.Unknown);
    }
}
