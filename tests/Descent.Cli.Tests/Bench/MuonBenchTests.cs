using System.Text.Json;
using Descent.Cli.Bench;

namespace Descent.Cli.Tests.Bench;

public sealed class MuonBenchTests
{
    [Fact]
    public void EveryRate_IsMeasuredAndPrintedAsJson()
    {
        MuonTiming timing = MuonBench.Measure([(32, 32), (32, 32), (48, 16), (16, 48)], rounds: 2, largeSide: 64);
        Assert.Equal((4, 5), (timing.Matrices, timing.Steps));
        Assert.All((double[])[timing.Milliseconds, timing.GigaflopsPerSecond, timing.SameProducts, timing.LargeProduct], static figure => Assert.True(figure > 0));

        // The work that rate and time stand for: five steps of the four matrices.
        double work = 5 * ((2 * MuonBench.WorkOfStep(32, 32)) + MuonBench.WorkOfStep(48, 16) + MuonBench.WorkOfStep(16, 48));
        Assert.Equal(work, timing.GigaflopsPerSecond * timing.Milliseconds * 1e6, work * 1e-12);

        using JsonDocument json = JsonDocument.Parse(JsonSerializer.Serialize(new StepComparison([], [], [], [], timing), BenchJson.Default.StepComparison));
        JsonElement muon = json.RootElement.GetProperty("muon");
        Assert.Equal(timing.GigaflopsPerSecond, muon.GetProperty("gigaflops_per_second").GetDouble());
        Assert.Equal(timing.OfProducts, muon.GetProperty("of_products").GetDouble());
        Assert.Equal(timing.Reached, muon.GetProperty("reached").GetBoolean());
    }

    /// <summary>XXᵀ and BX take 2·m²·n each, AA takes 2·m³.</summary>
    [Theory]
    [InlineData(768, 3072, 18.0)]
    [InlineData(3072, 768, 18.0)]
    [InlineData(768, 768, 6.0)]
    public void WorkOfAStep_IsThatOfItsThreeProducts(long rows, long columns, double cubes) =>
        Assert.Equal(cubes * 768 * 768 * 768, MuonBench.WorkOfStep(rows, columns));

    [Theory]
    [InlineData(59, 90, 100, false)]
    [InlineData(60, 90, 100, true)]
    [InlineData(60, 101, 80, false)]
    public void TheAim_IsAShareOfTheFasterProducts(double rate, double same, double large, bool reached) =>
        Assert.Equal(reached, new MuonTiming(1, 5, 1, rate, same, large).Reached);
}
