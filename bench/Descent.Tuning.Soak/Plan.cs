using System.Globalization;

namespace Descent.Tuning.Soak;

/// <summary>What a soak does. Given as NAME=VALUE on the command line.</summary>
internal sealed record Plan
{
    /// <summary>sqlite or postgres.</summary>
    public string Journal { get; init; } = "sqlite";

    public int Workers { get; init; } = 8;

    public int Trials { get; init; } = 500;

    /// <summary>Workers killed with SIGKILL, each at once replaced.</summary>
    public int Kills { get; init; } = 50;

    /// <summary>Workers suspended for longer than a lease, who then go on as if nothing had been.</summary>
    public int Stops { get; init; }

    /// <summary>Restarts of the server, every other one as after a crash.</summary>
    public int Restarts { get; init; } = 6;

    public int Steps { get; init; } = 10;

    public double StepSeconds { get; init; } = 0.03;

    public double LeaseSeconds { get; init; } = 3;

    public int Seed { get; init; } = 1;

    public static Plan Parse(IEnumerable<string> arguments)
    {
        Plan plan = new();
        foreach (string argument in arguments)
        {
            string[] parts = argument.Split('=', 2);
            string value = parts.Length == 2 ? parts[1] : "";
            plan = parts[0] switch
            {
                "journal" when value is "sqlite" or "postgres" => plan with { Journal = value },
                "workers" => plan with { Workers = Whole() },
                "trials" => plan with { Trials = Whole() },
                "kills" => plan with { Kills = Whole() },
                "stops" => plan with { Stops = Whole() },
                "restarts" => plan with { Restarts = Whole() },
                "steps" => plan with { Steps = Whole() },
                "step_seconds" => plan with { StepSeconds = Real() },
                "lease_seconds" => plan with { LeaseSeconds = Real() },
                "seed" => plan with { Seed = Whole() },
                _ => throw new ArgumentException($"'{argument}' is no setting; allowed: journal=sqlite|postgres workers= trials= kills= stops= restarts= steps= step_seconds= lease_seconds= seed="),
            };

            int Whole() => int.Parse(value, CultureInfo.InvariantCulture);
            double Real() => double.Parse(value, CultureInfo.InvariantCulture);
        }

        return plan;
    }

    public string[] Arguments() =>
    [
        $"journal={Journal}", $"workers={Workers}", $"trials={Trials}", $"kills={Kills}", $"stops={Stops}", $"restarts={Restarts}", $"steps={Steps}", $"seed={Seed}",
        string.Create(CultureInfo.InvariantCulture, $"step_seconds={StepSeconds}"), string.Create(CultureInfo.InvariantCulture, $"lease_seconds={LeaseSeconds}"),
    ];
}
