namespace Descent.Training.Configuration;

/// <summary>Options whose values must fit each other, not only their own ranges.</summary>
public interface IValidatable
{
    /// <summary>Every rule the values break, one sentence each; empty when all is well.</summary>
    IEnumerable<string> Validate();
}
