namespace Descent.Optimizers;

/// <summary>What has a scale of its own in APOLLO.</summary>
public enum ApolloScaling
{
    /// <summary>Each row of a tall matrix, each column of a wide one.</summary>
    Channel,

    /// <summary>The whole tensor: APOLLO-Mini.</summary>
    Tensor,
}
