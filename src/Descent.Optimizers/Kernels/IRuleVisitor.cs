namespace Descent.Optimizers;

/// <summary>Takes a rule with its type, to run it elsewhere than in the traversal.</summary>
internal interface IRuleVisitor
{
    /// <param name="rule">The rule of this step.</param>
    /// <param name="prologue">What comes before it.</param>
    /// <param name="exempt">Whether this pair is for tensors that decay and penalties leave alone.</param>
    void Visit<TRule, TPrologue>(TRule rule, TPrologue prologue, bool exempt)
        where TRule : struct, IRule
        where TPrologue : struct, IPrologue<TPrologue>;
}
