using Descent.Cli.Progress;
using Spectre.Console.Testing;

namespace Descent.Cli.Tests.Progress;

public sealed class ProgressPanelTests
{
    [Fact]
    public void Draw_InAWideTerminal_ShowsTwoColumnsOfFigures() => Assert.Equal(
        """
        ╭─gpt, 6 layers × 384, 10.7 M parameters─────────────────────────────────────────────────────────╮
        │ ━━━━━━━━━───────────────────────────────────────────────────────────────────────────────  10 % │
        │ loss          0.3622    ↓  █▆▅▅▅▄▄▄▄▄▃▃▃▃▃▃▃▃▃▃▂▂▂▂▂▂▂▂▂▂▂▂▂▂▂▂▂▂▂▂▂▂▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁        │
        │ validation    loss 1.300, accuracy 0.7500  ★ best loss 1.250 at step 100                       │
        │ step          200 / 2,000   elapsed       1:40                                                 │
        │ epoch         2.00          left          15:00                                                │
        │ rate          3e-4          tokens/s      12,345                                               │
        │ gradient norm 0.8125        memory        1.2 GiB, peak 1.5 GiB                                │
        ╰────────────────────────────────────────────────────────────────────────────────────────────────╯
        """,
        Drawn(Running(), width: 100));

    [Fact]
    public void Draw_InANarrowTerminal_ShowsOne() => Assert.Equal(
        """
        ╭─gpt, 6 layers × 384, 10.7 M parameters─────────────────╮
        │ ━━━━━───────────────────────────────────────────  10 % │
        │ loss          0.3622    ↓  █▆▅▄▄▄▃▃▃▃▃▂▂▂▂▂▂▂▂▂▁▁▁▁▁▁▁ │
        │ validation    loss 1.300, accuracy 0.7500  ★ best loss │
        │ 1.250 at step 100                                      │
        │ step          200 / 2,000                              │
        │ elapsed       1:40                                     │
        │ epoch         2.00                                     │
        │ left          15:00                                    │
        │ rate          3e-4                                     │
        │ tokens/s      12,345                                   │
        │ gradient norm 0.8125                                   │
        │ memory        1.2 GiB, peak 1.5 GiB                    │
        ╰────────────────────────────────────────────────────────╯
        """,
        Drawn(Running(), width: 60));

    [Theory]
    [InlineData(20)]
    [InlineData(30)]
    [InlineData(60)]
    [InlineData(80)]
    [InlineData(200)]
    public void Draw_AtAnyWidth_LeavesTwoColumnsFree(int width)
    {
        string[] lines = Drawn(Running(), width).Split('\n');

        Assert.All(lines, line => Assert.True(line.Length <= Math.Max(24, width - 2), line));
    }

    [Fact]
    public void Draw_BeforeTheFirstStep_ShowsThatFiguresAreToCome()
    {
        string drawn = Drawn(new ProgressState(Events.Started()), width: 100);

        Assert.Contains("loss          …", drawn);
        Assert.Contains("step          0 / 2,000", drawn);
        Assert.Contains("0 %", drawn);
    }

    [Fact]
    public void Draw_WithoutUnicode_UsesPlainLetters()
    {
        string drawn = Drawn(Running(), width: 100, unicode: false);

        Assert.Contains("####", drawn);
        Assert.DoesNotContain(drawn.Replace('×', 'x'), letter => letter > 127);
    }

    [Fact]
    public void Draw_OfADivergedRun_ShowsNaN()
    {
        ProgressState state = Running();
        state.Add(Events.Step(201, double.NaN));

        Assert.Contains("loss          NaN", Drawn(state, width: 100));
    }

    [Fact]
    public void Draw_OfARunWithoutAnEnd_HasNoBar() =>
        Assert.DoesNotContain("%", Drawn(new ProgressState(Events.Started(total: null) with { TotalSeconds = null }), width: 100));

    private static ProgressState Running()
    {
        var state = new ProgressState(Events.Started());
        for (int step = 1; step <= 200; step++)
        {
            state.Add(Events.Step(step));
        }

        state.Add(Events.Validation(100, 1.25, best: true));
        state.Add(Events.Validation(200, 1.3, best: false));
        return state;
    }

    private static string Drawn(ProgressState state, int width, bool unicode = true)
    {
        using var console = new TestConsole().Width(width);
        console.Write(ProgressPanel.Draw(state, width, unicode));
        return string.Join('\n', console.Lines);
    }
}
