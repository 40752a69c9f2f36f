using Dashboard.Web.Components;
using Xunit;

namespace Dashboard.Web.Tests.Components;

public sealed class SchedulePlanTests
{
    [Theory]
    [InlineData("0 2 * * *", "every day at 02:00")]
    [InlineData("30 3 * * 0", "every Sunday at 03:30")]
    [InlineData("5 23 * * 6", "every Saturday at 23:05")]
    [InlineData("*/5 * * * *", "by plan */5 * * * *")]
    [InlineData("0 25 * * *", "by plan 0 25 * * *")]
    [InlineData("60 2 * * 1", "by plan 60 2 * * 1")]
    [InlineData("0 2 1 * *", "by plan 0 2 1 * *")]
    public void A_cron_text_is_read_into_words_and_back(string cron, string words)
    {
        var plan = SchedulePlan.Read(cron);

        Assert.Equal((words, cron), (plan.Words, plan.ToCron()));
    }
}
