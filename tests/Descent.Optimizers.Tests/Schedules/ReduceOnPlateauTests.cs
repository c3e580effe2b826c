using System.Text.Json;

namespace Descent.Optimizers.Tests.Schedules;

public sealed class ReduceOnPlateauTests
{
    [Fact]
    public void Next_AfterPatienceAndOneMore_Reduces()
    {
        ReduceOnPlateauSchedule schedule = new() { Patience = 2, Factor = 0.5 };
        Assert.Equal([1, 1, 1, 0.5, 0.5, 0.5, 0.25], Multipliers(schedule, 5, 5, 5, 5, 5, 5, 5));
    }

    [Fact]
    public void Next_WithAnImprovement_StartsCountingAnew()
    {
        ReduceOnPlateauSchedule schedule = new() { Patience = 1, Factor = 0.5 };
        Assert.Equal([1, 1, 1, 1, 0.5], Multipliers(schedule, 5, 5, 4, 4, 4));
    }

    [Fact]
    public void Next_WithLessThanTheThreshold_IsNoImprovement()
    {
        ReduceOnPlateauSchedule schedule = new() { Patience = 0, Factor = 0.5, Threshold = 0.1 };
        Assert.Equal([1, 0.5, 0.5], Multipliers(schedule, 10, 9.5, 8.9));
    }

    [Fact]
    public void Next_DuringCooldown_DoesNotCount()
    {
        ReduceOnPlateauSchedule schedule = new() { Patience = 0, Factor = 0.5, Cooldown = 2 };
        Assert.Equal([1, 0.5, 0.5, 0.5, 0.25], Multipliers(schedule, 5, 5, 5, 5, 5));
    }

    [Fact]
    public void Next_AtTheFloor_StaysThere()
    {
        ReduceOnPlateauSchedule schedule = new() { Patience = 0, Factor = 0.1, FinalRatio = 0.05 };
        Assert.Equal([1, 0.1, 0.05, 0.05], Multipliers(schedule, 5, 5, 5, 5));
    }

    [Fact]
    public void Next_WhereHigherIsBetter_ReducesWhenItStopsRising()
    {
        ReduceOnPlateauSchedule schedule = new() { Patience = 0, Factor = 0.5, HigherIsBetter = true };
        Assert.Equal([1, 1, 0.5], Multipliers(schedule, 0.5, 0.6, 0.4));
    }

    [Fact]
    public void Next_OfNaN_IsNoImprovement()
    {
        ReduceOnPlateauSchedule schedule = new() { Patience = 0, Factor = 0.5 };
        PlateauState state = schedule.Next(new PlateauState(), double.NaN);
        Assert.Equal((0.5, null), (state.Multiplier, state.Best));
        Assert.Equal(3, schedule.Next(state, 3).Best);
    }

    [Fact]
    public void State_ThroughJson_IsTheSame()
    {
        PlateauState state = new(0.25, 1.5, 3, 1);
        Assert.Equal(state, JsonSerializer.Deserialize<PlateauState>(JsonSerializer.Serialize(state)));
        Assert.Equal(new PlateauState(), JsonSerializer.Deserialize<PlateauState>(JsonSerializer.Serialize(new PlateauState())));
    }

    private static double[] Multipliers(ReduceOnPlateauSchedule schedule, params double[] values)
    {
        PlateauState state = new();
        return [.. values.Select(value => (state = schedule.Next(state, value)).Multiplier)];
    }
}
