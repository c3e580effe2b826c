using Descent.Training.Data;

namespace Descent.Training.Models;

/// <summary>The description of a model in a run file: <c>model: { kind: gpt, … }</c>.</summary>
public abstract record ModelOptions
{
    /// <summary>The name of this kind in run files.</summary>
    public abstract string Kind { get; }

    /// <summary>Builds the model for the data, with parameters still to be initialised.</summary>
    /// <param name="shape">What goes in and what must come out.</param>
    /// <returns>The model.</returns>
    /// <exception cref="BadInputException">The model can't serve this data, or two settings contradict each other.</exception>
    public abstract Model Build(DataShape shape);

    /// <summary>The same model with another dropout rate.</summary>
    /// <param name="dropout">The probability of zeroing an activation.</param>
    public abstract ModelOptions WithDropout(double dropout);

    /// <summary>A few words that say which model this is.</summary>
    public virtual string Describe() => Kind;
}
