using Dashboard.Web.Components;
using Xunit;

namespace Dashboard.Web.Tests.Components;

public sealed class HeldRowsTests
{
    private readonly HeldRows<Row> _rows = new(row => row.Name);

    [Fact]
    public void While_nobody_points_the_newest_order_is_shown()
    {
        Take("a1", "b1");
        Take("b2", "a1", "c1");

        Assert.Equal(["b2", "a1", "c1"], Shown);
        Assert.Equal(0, _rows.Changes);
    }

    [Fact]
    public void While_somebody_points_values_change_and_places_wait()
    {
        Take("a1", "b1", "c1");
        _rows.IsHeld = true;

        Take("b2", "a1", "c2");

        Assert.Equal(["a1", "b2", "c2"], Shown);
        Assert.Equal(2, _rows.Changes);
        _rows.Apply();
        Assert.Equal(["b2", "a1", "c2"], Shown);
        Assert.Equal(0, _rows.Changes);
    }

    [Fact]
    public void What_comes_and_goes_is_counted_and_what_only_slides_is_not()
    {
        Take("a1", "b1", "c1");
        _rows.IsHeld = true;

        Take("n1", "a1", "c1");

        Assert.Equal(["a1", "b1", "c1"], Shown);
        Assert.Equal(2, _rows.Changes);
    }

    [Fact]
    public void A_row_of_another_page_keeps_its_place_with_its_new_value()
    {
        Take("a1", "b1");
        _rows.IsHeld = true;

        _rows.Take([new Row("b", 1)], name => name == "a" ? new Row("a", 7) : new Row("b", 1));

        Assert.Equal(["a7", "b1"], Shown);
        Assert.Equal(1, _rows.Changes);
    }

    [Fact]
    public void Changes_that_are_taken_back_wait_no_longer()
    {
        Take("a1", "b1");
        _rows.IsHeld = true;
        Take("b1", "a1");

        Take("a1", "b1");

        Assert.Equal(0, _rows.Changes);
    }

    [Fact]
    public void The_first_rows_are_shown_even_where_somebody_points_at_nothing()
    {
        _rows.IsHeld = true;

        Take("a1");

        Assert.Equal(["a1"], Shown);
    }

    private IEnumerable<string> Shown => _rows.Shown.Select(row => $"{row.Name}{row.Value}");

    private void Take(params string[] rows)
    {
        var wanted = rows.Select(row => new Row(row[..1], row[1] - '0')).ToList();
        _rows.Take(wanted, name => wanted.Find(row => row.Name == name));
    }

    private sealed record Row(string Name, int Value);
}
