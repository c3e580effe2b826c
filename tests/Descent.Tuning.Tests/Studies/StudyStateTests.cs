using System.Text;
using CsCheck;
using Descent.Journal;

namespace Descent.Tuning.Tests.Studies;

/// <summary>Who wins a trial, by the fold and by a second, slow reading of the rules; and the events as they are written.</summary>
public sealed class StudyStateTests
{
    private const string Stream = "study/test";
    private static readonly TimeSpan Lease = TimeSpan.FromSeconds(10);
    private static readonly StudyEvents Events = new(Stream);

    /// <summary>Any order of any events, in time with the leases: right and wrong numbers, tokens old and new.</summary>
    [Fact]
    public void Apply_OfAnyEvents_DecidesAsTheRulesSay() => Gen.Select(Gen.Int[0, 5], Gen.Int[0, 3], Gen.Int[0, 4], Gen.Int[0, 12]).Array[1, 60].Sample(acts =>
    {
        StudyState state = new();
        List<JournalEvent> log = [];
        DateTimeOffset now = DateTimeOffset.UnixEpoch;
        Append(Events.StudyCreated(Quadratic.Space, [Direction.Minimize], null, 0));
        List<long> tokens = [0];
        foreach ((int what, int trial, int token, int seconds) in acts)
        {
            now += TimeSpan.FromSeconds(seconds);
            if (trial >= Trials(log).Count && what != 0)
            {
                continue;
            }

            long used = tokens[Math.Max(0, tokens.Count - 1 - token)];
            Append(what switch
            {
                0 => Events.TrialCreated(trial, new Proposal(Quadratic.Space.FromUnit([0.5, 0.5])), token == 0 ? null : "w", Lease),
                1 => Events.TrialClaimed(trial, "w", Lease),
                2 => Events.TrialRenewed(trial, used),
                3 => Events.TrialReported(trial, used, seconds, seconds),
                4 => Events.TrialReleased(trial, used, "r", false),
                _ => Events.TrialFinished(trial, used, 1.0, null),
            });
            if (what <= 1)
            {
                tokens.Add(log.Count);
            }
        }

        List<Model> expected = Trials(log);
        Assert.Equal(expected.Count, state.History!.Trials.Count);
        foreach ((Model model, TrialRecord actual) in expected.Zip(state.History.Trials))
        {
            Assert.Equal((model.State, model.Attempts, model.Reports), (actual.State, actual.Attempts, actual.Reported.Count));
            Assert.Equal(model.Token, state.LeaseOf(actual).Token);
        }

        Assert.Equal(expected.Count(static model => model.State == TrialState.Complete), state.History.Finished.Count);
        Assert.Equal(Enumerable.Range(1, log.Count).Where(position => !Counted(log, position)), Enumerable.Range(1, log.Count).Where(position => !state.Counted(position)));

        void Append(NewEvent added)
        {
            log.Add(new JournalEvent(log.Count + 1, now, added.Stream, added.Kind, added.Version, added.Data));
            state.Apply(log[^1]);
        }
    }, iter: 2000, seed: "0000KOIPrgs6");

    /// <summary>The text of every kind. Journals hold these: a change here is a new version, and a new golden journal.</summary>
    [Fact]
    public void Events_AreWrittenAsVersion1()
    {
        SearchSpace space = new SearchSpace(Parameter.Choice("kind", "adamw", 2, 3.0, true), Parameter.Log("rate", 1e-5, 1).When("kind == adamw")).Where("rate < 0.5");
        Configuration point = space.FromUnit([0, 0.5]);
        NewEvent[] all =
        [
            Events.StudyCreated(space, [Direction.Minimize, Direction.Maximize], null, -7),
            Events.StudyCreated(space, [Direction.Minimize, Direction.Maximize], ["loss", "accuracy ä"], -7),
            Events.WorkerJoined("host:1"),
            Events.TrialCreated(0, new Proposal(point), null, Lease),
            Events.TrialCreated(1, new Proposal(space.FromUnit([0.6, 0])) { Parent = 0, Tag = "{\"a\":1}" }, "host:1", Lease),
            Events.TrialClaimed(0, "host:1", TimeSpan.FromSeconds(2.5)),
            Events.TrialRenewed(0, 5),
            Events.TrialReported(0, 5, 10, 0.1),
            Events.TrialReported(0, 5, 11, double.NaN),
            Events.TrialNoted(0, 5, "run", "runs/ä"),
            Events.TrialReleased(0, 5, "stopped", failure: false),
            Events.TrialReleased(0, 5, "IOException", failure: true),
            Events.TrialFinished(0, 5, TrialResult.Complete(1, double.NegativeInfinity).WithViolation(0.5), null),
            Events.TrialFinished(0, 5, TrialResult.Pruned(), "worse"),
            Events.TrialFinished(0, 5, TrialResult.Failed("because"), "because"),
        ];
        Assert.All(all, static written => Assert.Equal((Stream, 1), (written.Stream, written.Version)));
        Assert.Equal(
            """
            study.created {"space":{"parameters":[{"name":"kind","range":"choice(adamw,2,3.0,true)"},{"name":"rate","range":"log(1E-05,1)","if":"kind == \"adamw\""}],"constraints":["rate < 0.5"]},"directions":["minimize","maximize"],"seed":-7}
            study.created {"space":{"parameters":[{"name":"kind","range":"choice(adamw,2,3.0,true)"},{"name":"rate","range":"log(1E-05,1)","if":"kind == \"adamw\""}],"constraints":["rate < 0.5"]},"directions":["minimize","maximize"],"objectives":["loss","accuracy ä"],"seed":-7}
            worker.joined {"worker":"host:1"}
            trial.created {"trial":0,"configuration":{"kind":"adamw","rate":0.003162277660168379}}
            trial.created {"trial":1,"configuration":{"kind":3.0},"parent":0,"tag":"{\"a\":1}","worker":"host:1","lease":10}
            trial.claimed {"trial":0,"worker":"host:1","lease":2.5}
            trial.renewed {"trial":0,"token":5}
            trial.reported {"trial":0,"token":5,"step":10,"value":0.1}
            trial.reported {"trial":0,"token":5,"step":11,"value":"NaN"}
            trial.noted {"trial":0,"token":5,"key":"run","text":"runs/ä"}
            trial.released {"trial":0,"token":5,"reason":"stopped"}
            trial.released {"trial":0,"token":5,"reason":"IOException","failure":true}
            trial.finished {"trial":0,"token":5,"state":"complete","objectives":[1,"-Infinity"],"violation":0.5}
            trial.finished {"trial":0,"token":5,"state":"pruned","reason":"worse"}
            trial.finished {"trial":0,"token":5,"state":"failed","reason":"because"}
            """,
            string.Join('\n', all.Select(static written => $"{written.Kind} {Encoding.UTF8.GetString(written.Data.Span)}")));
    }

    private static bool Counted(List<JournalEvent> log, int position)
    {
        List<Model> before = Trials(log[..(position - 1)]), after = Trials(log[..position]);
        StudyEventData data = StudyEventData.Read(log[position - 1].Data.Span, Quadratic.Space);
        return log[position - 1].Kind switch
        {
            "study.created" => true,
            "trial.created" => after.Count > before.Count,
            "trial.claimed" => after[data.Trial].Token == position,
            _ => before[data.Trial].Token == data.Token && before[data.Trial].State == TrialState.Running,
        };
    }

    /// <summary>The rules once more, in the plainest words: of each trial, who holds it until when.</summary>
    private static List<Model> Trials(List<JournalEvent> log)
    {
        List<Model> trials = [];
        foreach (JournalEvent happened in log.Skip(1))
        {
            StudyEventData data = StudyEventData.Read(happened.Data.Span, Quadratic.Space);
            if (happened.Kind == "trial.created")
            {
                if (data.Trial == trials.Count)
                {
                    trials.Add(data.Worker is null
                        ? new Model(TrialState.Waiting, 0, default, 0, 0)
                        : new Model(TrialState.Running, happened.Position, happened.Time + Lease, 1, 0));
                }

                continue;
            }

            Model trial = trials[data.Trial];
            bool free = trial.State == TrialState.Waiting || (trial.State == TrialState.Running && trial.Until <= happened.Time);
            bool holds = trial.State == TrialState.Running && trial.Token == data.Token;
            trials[data.Trial] = happened.Kind switch
            {
                "trial.claimed" when free => trial with { State = TrialState.Running, Token = happened.Position, Until = happened.Time + Lease, Attempts = trial.Attempts + 1 },
                "trial.renewed" when holds => trial with { Until = happened.Time + Lease },
                // Steps are the seconds of the act: the same step is reported over.
                "trial.reported" when holds => trial with { Until = happened.Time + Lease, Reports = trial.Reports + (trial.Steps.Add(data.Step) ? 1 : 0) },
                "trial.released" when holds => trial with { State = TrialState.Waiting },
                "trial.finished" when holds => trial with { State = TrialState.Complete },
                _ => trial,
            };
        }

        return trials;
    }

    private sealed record Model(TrialState State, long Token, DateTimeOffset Until, int Attempts, int Reports)
    {
        public HashSet<long> Steps { get; } = [];
    }
}
