using Dashboard.EngineSpecs;
using Xunit;

namespace Dashboard.Postgres.Tests.Specs;

public sealed class ComplianceTests
{
    [Fact]
    public void Every_spec_of_the_contract_is_inherited()
    {
        var specs = typeof(EngineSpec).Assembly.GetTypes().Where(type => type.IsAbstract && type.Name.EndsWith("Specs", StringComparison.Ordinal));
        var inherited = typeof(ComplianceTests).Assembly.GetTypes().Select(type => type.BaseType).ToHashSet();

        Assert.Empty(specs.Where(spec => !inherited.Contains(spec)).Select(spec => spec.Name));
    }
}
