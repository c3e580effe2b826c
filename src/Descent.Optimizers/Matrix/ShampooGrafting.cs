namespace Descent.Optimizers;

/// <summary>Whose step length Shampoo takes: its direction is Shampoo's own.</summary>
public enum ShampooGrafting
{
    /// <summary>Adam's, with bias corrections.</summary>
    Adam,

    /// <summary>RMSprop's: as Adam's, without correction of the mean of squares.</summary>
    RmsProp,

    /// <summary>That of the mean gradient itself.</summary>
    Sgd,

    /// <summary>Shampoo's own length.</summary>
    None,
}
