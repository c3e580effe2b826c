namespace Descent.Optimizers;

internal enum PrologueForm
{
    Scaled,
    Decayed,
    Elastic,
    Clamped,
}

/// <summary>The prologue of one step in the simplest form that says the same.</summary>
internal readonly struct Prologue
{
    public Prologue(in StepScalars scalars, double sign, bool decoupled)
    {
        double scale = scalars.GradientScale * sign;
        double l2 = scalars.L2 + (decoupled ? 0 : scalars.WeightDecay);
        double keep = decoupled ? 1 - (scalars.LearningRate * scalars.WeightDecay) : 1;
        Scaled = new Scaled(scale);
        Decayed = new Decayed(scale, l2, keep);
        Elastic = new Elastic(scale, scalars.L1, l2, keep);
        Clamped = scalars.ClipValue is { } limit ? new Clamped(limit, Elastic) : default;
        Form = scalars.ClipValue is not null ? PrologueForm.Clamped
            : scalars.L1 != 0 ? PrologueForm.Elastic
            : l2 != 0 || keep != 1 ? PrologueForm.Decayed
            : PrologueForm.Scaled;
    }

    public PrologueForm Form { get; }

    public Scaled Scaled { get; }

    public Decayed Decayed { get; }

    public Elastic Elastic { get; }

    public Clamped Clamped { get; }
}
