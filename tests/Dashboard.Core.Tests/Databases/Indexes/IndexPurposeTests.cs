using Dashboard.Core.Databases.Indexes;

namespace Dashboard.Core.Tests.Databases.Indexes;

public sealed class IndexPurposeTests
{
    private static readonly ForeignKeyFacts ToContracts = new("assessments", ["contract_id"], "contracts", ["id"]);

    [Theory]
    [InlineData("contract_id", "joins assessments to contracts")]
    [InlineData("contract_id,placed_at", "joins assessments to contracts, then by placed_at")]
    [InlineData("status,contract_id", "looks up assessments by status, then by contract_id")]
    [InlineData("status", "looks up assessments by status")]
    [InlineData("status,owner,team", "looks up assessments by status, then by owner and team")]
    [InlineData("placed_at", "date filter on assessments")]
    [InlineData("placedAt,status", "date filter on assessments, then by status")]
    [InlineData("created", "date filter on assessments")]
    [InlineData("created_by", "looks up assessments by created_by")]
    [InlineData("is_day", "looks up assessments by is_day")]
    [InlineData("at", "looks up assessments by at")]
    [InlineData("format", "looks up assessments by format")]
    public void Says_what_an_index_is_for(string columns, string purpose) => Assert.Equal(purpose, Use(Index("i", columns)).Purpose);

    [Theory]
    [InlineData("DATETIME", "date filter on assessments")]
    [InlineData("timestamp with time zone", "date filter on assessments")]
    [InlineData("TEXT", "looks up assessments by heard")]
    [InlineData("BOOLEAN", "looks up assessments by heard")]
    public void Knows_a_date_by_its_declared_type(string type, string purpose) =>
        Assert.Equal(purpose, Use(Index("i", "heard") with { Columns = [new IndexColumn("heard", null, DeclaredType: type)] }).Purpose);

    [Fact]
    public void A_flag_whose_name_sounds_like_a_date_is_none() =>
        Assert.Equal("looks up assessments by updated", Use(Index("i", "updated") with { Columns = [new IndexColumn("updated", null, DeclaredType: "BOOL")] }).Purpose);

    [Fact]
    public void A_unique_one_keeps_what_it_keeps()
    {
        Assert.Equal("keeps email unique in assessments", Use(Index("i", "email") with { IsUnique = true }).Purpose);
        Assert.Equal("keeps tenant and email unique in assessments", Use(Index("i", "tenant,email") with { IsUnique = true, Origin = IndexOrigin.UniqueConstraint }).Purpose);
        Assert.Equal("keeps contract_id and version unique in assessments, and joins assessments to contracts", Use(Index("i", "contract_id,version") with { IsUnique = true }).Purpose);
        Assert.Equal("primary key of assessments", Use(Index("i", "a,b") with { IsUnique = true, Origin = IndexOrigin.PrimaryKey }).Purpose);
        Assert.Equal("primary key of assessments, which is stored in this order", Use(Index("i", "a,b") with { IsUnique = true, Origin = IndexOrigin.PrimaryKey, IsTableItself = true }).Purpose);
    }

    [Theory]
    [InlineData("status = 'open'", "open assessments only: status = 'open'; looks up assessments by owner")]
    [InlineData("(\"status\" = 'open')", "open assessments only: (\"status\" = 'open'); looks up assessments by owner")]
    [InlineData("deleted_at IS NULL", "a part of assessments only: deleted_at IS NULL; looks up assessments by owner")]
    [InlineData("status = 'open' OR 1", "a part of assessments only: status = 'open' OR 1; looks up assessments by owner")]
    [InlineData("status = 'no, not this'", "a part of assessments only: status = 'no, not this'; looks up assessments by owner")]
    public void A_partial_one_says_which_part(string where, string purpose) => Assert.Equal(purpose, Use(Index("i", "owner") with { Where = where }).Purpose);

    [Fact]
    public void An_expression_is_shown_as_it_is() =>
        Assert.Equal("looks up assessments by lower(email)", Use(Index("i", "") with { Columns = [new IndexColumn(null, "lower(email)")] }).Purpose);

    [Fact]
    public void Keys_to_the_same_table_and_to_itself_are_told_apart()
    {
        var keys = new[] { new ForeignKeyFacts("assessments", ["buyer"], "people", []), new ForeignKeyFacts("assessments", ["seller"], "people", []), new ForeignKeyFacts("assessments", ["parent"], "assessments", ["id"]) };

        Assert.Equal("joins assessments to people by seller", Use(Index("i", "seller"), keys: keys).Purpose);
        Assert.Equal("joins assessments to itself by parent", Use(Index("i", "parent"), keys: keys).Purpose);
    }

    [Fact]
    public void A_key_of_two_columns_is_joined_in_any_order()
    {
        var key = new ForeignKeyFacts("assessments", ["tenant", "contract"], "contracts", ["tenant", "id"]);

        Assert.Equal("joins assessments to contracts", Use(Index("i", "contract,tenant"), keys: [key]).Purpose);
        Assert.Equal("looks up assessments by tenant, then by status and contract", Use(Index("i", "tenant,status,contract"), keys: [key]).Purpose);
    }

    [Fact]
    public void Of_two_that_are_the_same_one_goes()
    {
        var (a, b) = (Index("idx_a", "status,owner"), Index("idx_b", "status,owner"));

        var (first, second) = (Use(a, [a, b]), Use(b, [a, b]));

        Assert.Equal(IndexVerdict.Useful, first.Verdict);
        Assert.Equal((IndexVerdict.Duplicate, "the same as idx_a", "idx_a"), (second.Verdict, second.Purpose, second.Twin));
    }

    [Fact]
    public void What_keeps_values_unique_or_came_with_a_constraint_stays()
    {
        var plain = Index("a", "email");
        var unique = Index("b", "email") with { IsUnique = true };
        var constraint = Index("c", "email") with { IsUnique = true, Origin = IndexOrigin.UniqueConstraint };

        Assert.Equal(["the same as c", "the same as c", "keeps email unique in assessments"], new[] { plain, unique, constraint }.Select(index => Use(index, [plain, unique, constraint]).Purpose));
        Assert.Equal("b", Use(plain, [plain, unique]).Twin);
        Assert.Equal(IndexVerdict.Useful, Use(unique, [plain, unique]).Verdict);
    }

    [Fact]
    public void The_beginning_of_another_can_go_unless_it_is_unique()
    {
        var (shorter, longer) = (Index("idx_a", "status"), Index("idx_b", "status,owner"));

        Assert.Equal((IndexVerdict.Covered, "begins idx_b, which can do its work"), Verdict(Use(shorter, [shorter, longer])));
        Assert.Equal(IndexVerdict.Useful, Use(longer, [shorter, longer]).Verdict);
        Assert.Equal(IndexVerdict.Useful, Use(shorter with { IsUnique = true }, [shorter with { IsUnique = true }, longer]).Verdict);
    }

    [Fact]
    public void Of_nested_ones_the_longest_does_the_work_of_all()
    {
        IndexFacts[] nested = [Index("a", "x"), Index("b", "x,y"), Index("c", "x,y,z"), Index("d", "x,y,z")];

        Assert.Equal(["c", "c", null, "c"], nested.Select(index => Use(index, nested).Twin));
    }

    [Theory]
    [InlineData("x DESC", "x", true)]
    [InlineData("x DESC,y", "x,y DESC,z", true)]
    [InlineData("x,y DESC", "x,y,z", false)]
    [InlineData("x NOCASE", "x,y", false)]
    [InlineData("y", "x,y", false)]
    public void Only_the_same_order_or_all_of_it_backwards_is_covered(string shorter, string longer, bool isCovered)
    {
        var (a, b) = (Index("b", shorter), Index("a", longer));

        Assert.Equal(isCovered, Use(a, [a, b]).Verdict != IndexVerdict.Useful);
    }

    [Fact]
    public void A_part_covers_only_the_same_part()
    {
        var whole = Index("whole", "x,y");
        var part = Index("part", "x") with { Where = "z = 1" };
        var same = Index("same", "x,y") with { Where = "Z  =  1" };

        Assert.Equal(IndexVerdict.Useful, Use(part, [part, whole]).Verdict);
        Assert.Equal(IndexVerdict.Useful, Use(whole, [part, whole]).Verdict);
        Assert.Equal("same", Use(part, [part, same]).Twin);
        Assert.Null(Use(part with { Where = "z = 'A'" }, [part with { Where = "z = 'A'" }, same with { Where = "z = 'a'" }]).Twin);
    }

    [Fact]
    public void An_index_of_another_table_covers_nothing()
    {
        var (a, b) = (Index("a", "x"), Index("b", "x,y") with { Table = "contracts" });

        Assert.Equal(IndexVerdict.Useful, Use(a, [a, b]).Verdict);
    }

    [Fact]
    public void What_orders_the_table_itself_needs_no_index()
    {
        var index = Index("by_id", "id");

        var use = IndexPurpose.Of(index, List([index]) with { RowKeys = new Dictionary<string, string> { ["assessments"] = "id" } });

        Assert.Equal((IndexVerdict.Covered, null), (use.Verdict, use.Twin));
        Assert.Contains("itself is ordered by id", use.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public void Ten_thousand_indexes_are_judged_quickly()
    {
        var many = Enumerable.Range(0, 10_000).Select(number => Index($"i{number}", "a,b") with { Table = $"t{number / 2}" }).ToList();
        var began = TimeProvider.System.GetTimestamp();

        var judged = IndexPurpose.OfAll(List(many));

        Assert.Equal(5_000, judged.Count(one => one.Use.Verdict == IndexVerdict.Duplicate));
        Assert.True(TimeProvider.System.GetElapsedTime(began) < TimeSpan.FromSeconds(2));
    }

    private static (IndexVerdict, string) Verdict(IndexUse use) => (use.Verdict, use.Purpose);

    private static IndexUse Use(IndexFacts index, IReadOnlyList<IndexFacts>? all = null, IReadOnlyList<ForeignKeyFacts>? keys = null) =>
        IndexPurpose.Of(index, List(all ?? [index], keys));

    private static IndexList List(IReadOnlyList<IndexFacts> all, IReadOnlyList<ForeignKeyFacts>? keys = null) => new(DateTimeOffset.UnixEpoch, all, keys ?? [ToContracts]);

    /// <summary>Of columns such as "x", "x DESC", "x NOCASE".</summary>
    private static IndexFacts Index(string name, string columns) => new(
        name,
        "assessments",
        [.. columns.Split(',').Select(column => column.Split(' ')).Select(words => new IndexColumn(words[0], null, words.Contains("DESC"), words.Contains("NOCASE") ? "NOCASE" : null))],
        IsUnique: false,
        Where: null,
        IndexOrigin.ByHand,
        Bytes: null,
        RowsPerValue: null,
        Definition: "CREATE INDEX");
}
