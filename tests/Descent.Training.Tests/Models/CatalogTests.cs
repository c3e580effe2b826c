using Descent.Training.Data;
using Descent.Training.Losses;
using Descent.Training.Models;

namespace Descent.Training.Tests.Models;

public sealed class CatalogTests
{
    [Fact]
    public void Names_AreTheKindsOfWhatTheyCreate()
    {
        Assert.All(ModelCatalog.Names, name => Assert.Equal(name, ModelCatalog.Create(name).Kind));
        Assert.All(LossCatalog.Names, name => Assert.Equal(name, LossCatalog.Create(name).Kind));
        Assert.All(Enum.GetValues<TaskKind>(), task => Assert.NotNull(LossCatalog.DefaultFor(task)));
    }

    [Fact]
    public void WithDropout_ChangesTheRateAlone()
    {
        Assert.Equal(new MlpOptions { Widths = [] }.Describe(), new MlpOptions { Widths = [] }.WithDropout(0.5).Describe());
        Assert.Equal(0.5, ((MlpOptions)new MlpOptions().WithDropout(0.5)).Dropout);
        Assert.Equal(0.5, ((CnnOptions)new CnnOptions().WithDropout(0.5)).Dropout);
        Assert.Equal(0.5, ((GptOptions)new GptOptions().WithDropout(0.5)).Dropout);
    }
}
