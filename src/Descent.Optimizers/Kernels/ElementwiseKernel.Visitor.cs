namespace Descent.Optimizers;

// The same dispatch as for the traversal, with the types handed out instead.
internal sealed unsafe partial class ElementwiseKernel<TRule>
{
    internal override bool TryAccept<TVisitor>(ref TVisitor visitor, in StepScalars scalars)
    {
        Begin(scalars);
        Visit(ref visitor, _rule, _prologue, exempt: false);
        Visit(ref visitor, _exemptRule, _exempt, exempt: true);
        return true;
    }

    private static void Visit<TVisitor>(ref TVisitor visitor, TRule rule, in Prologue prologue, bool exempt)
        where TVisitor : struct, IRuleVisitor, allows ref struct
    {
        switch (prologue.Form)
        {
            case PrologueForm.Scaled: visitor.Visit(rule, prologue.Scaled, exempt); break;
            case PrologueForm.Decayed: visitor.Visit(rule, prologue.Decayed, exempt); break;
            case PrologueForm.Elastic: visitor.Visit(rule, prologue.Elastic, exempt); break;
            default: visitor.Visit(rule, prologue.Clamped, exempt); break;
        }
    }
}
