namespace Descent.Torch;

// Steps that are done while backward is still under way.
public abstract partial class FusedOptimizer
{
    /// <summary>
    /// Begins a step that is done part by part, so that a part's gradients can be freed before others exist: update in backward. The parts together do what
    /// <see cref="Step"/> does at once, bit for bit.
    /// </summary>
    /// <param name="request">What the step asks for; its <see cref="StepRequest.Factors"/> are those of each part.</param>
    /// <exception cref="InvalidOperationException">A group's rule sums over the whole group (<see cref="Optimizers.UpdateScope.Group"/>): it needs all gradients.</exception>
    /// <example><code>
    /// StepInParts step = optimizer.BeginStep(new StepRequest());
    /// step.Update(namesOfTheLastBlock);   // its gradients are complete: update, then set them to null
    /// </code></example>
    public StepInParts BeginStep(StepRequest request)
    {
        RequireFactors(request);
        foreach (GroupRunner runner in _runners)
        {
            if (runner.Options.Scope == Optimizers.UpdateScope.Group)
            {
                throw new InvalidOperationException(
                    $"'{runner.Options.Kind}' sums over all gradients of a group before it updates any; make its step after backward, or take another rule.");
            }

            runner.ForgetParts();
        }

        return new StepInParts(this, request);
    }

    /// <summary>Leaves all parameters but some out of whatever is done with gradients and steps, until the result is disposed.</summary>
    /// <param name="names">The parameters that are not left out.</param>
    public IDisposable Only(IReadOnlySet<string> names)
    {
        ArgumentNullException.ThrowIfNull(names);
        foreach (ParameterState parameter in _byName.Values)
        {
            parameter.Held = !names.Contains(parameter.Name);
        }

        return new Letting(this);
    }

    internal void StepPart(in StepRequest request)
    {
        SetFactors(request.Factors);
        for (int i = 0; i < _runners.Count; i++)
        {
            _runners[i].StepPart(request, request.GroupRateFactors?[i] ?? 1, Threads);
        }
    }

    private void RequireFactors(in StepRequest request)
    {
        if (request.GroupRateFactors is { } factors && factors.Count != _runners.Count)
        {
            throw new ArgumentException($"There are {factors.Count} rate factors and {_runners.Count} groups; give one for each group.", nameof(request));
        }
    }

    private sealed class Letting(FusedOptimizer optimizer) : IDisposable
    {
        public void Dispose()
        {
            foreach (ParameterState parameter in optimizer._byName.Values)
            {
                parameter.Held = false;
            }
        }
    }
}
