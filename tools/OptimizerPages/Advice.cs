namespace OptimizerPages;

/// <summary>What measurements can't say: where a rule comes from, and when it is the one to take.</summary>
/// <param name="Paper">The paper, short.</param>
/// <param name="Url">Where to read it.</param>
/// <param name="When">When to take it.</param>
internal sealed record Advice(string Paper, string Url, string When)
{
    public static readonly IReadOnlyDictionary<string, Advice> Of = new Dictionary<string, Advice>
    {
        ["sgd"] = new("Robbins and Monro 1951", "https://doi.org/10.1214/aoms/1177729586", "No memory at all; as a floor to compare with, or inside SAM."),
        ["gradient_descent"] = new("Cauchy 1847", "https://en.wikipedia.org/wiki/Gradient_descent", "Small problems where a step may see all data."),
        ["momentum"] = new("Polyak 1964; Sutskever et al. 2013", "https://proceedings.mlr.press/v28/sutskever13.html", "Convolutional networks with BatchNorm, long schedules, a tuned rate."),
        ["nesterov"] = new("Nesterov 1983; Sutskever et al. 2013", "https://proceedings.mlr.press/v28/sutskever13.html", "As momentum, usually a little better."),
        ["momentum_ema"] = new("the (1−β) form of textbooks", "https://en.wikipedia.org/wiki/Stochastic_gradient_descent", "To follow a text that writes it so; the rate is 1/(1−β) times momentum's."),
        ["adagrad"] = new("Duchi et al. 2011", "https://jmlr.org/papers/v12/duchi11a.html", "Sparse features and embeddings; its rate only falls."),
        ["rmsprop"] = new("Tieleman and Hinton 2012", "https://www.cs.toronto.edu/~tijmen/csc321/slides/lecture_slides_lec6.pdf", "Recurrent networks and reinforcement learning of its time; Adam elsewhere."),
        ["adam"] = new("Kingma and Ba 2015", "https://arxiv.org/abs/1412.6980", "Where decay must be coupled; otherwise AdamW."),
        ["amsgrad"] = new("Reddi et al. 2018", "https://arxiv.org/abs/1904.09237", "When Adam's step grows again late in training and hurts."),
        ["adam_article"] = new("the second moment's correction only", "https://arxiv.org/abs/1412.6980", "To reproduce a text that leaves the first correction out."),
        ["adamw"] = new("Loshchilov and Hutter 2019", "https://arxiv.org/abs/1711.05101", "The first choice for transformers, and the yardstick for all others."),
        ["adadelta"] = new("Zeiler 2012", "https://arxiv.org/abs/1212.5701", "When no rate shall be chosen; slower than a tuned Adam."),
        ["adamax"] = new("Kingma and Ba 2015, algorithm 2", "https://arxiv.org/abs/1412.6980", "Gradients with rare large spikes, as in embeddings."),
        ["nadam"] = new("Dozat 2016", "https://openreview.net/forum?id=OM0jvwB8jIp57ZJjtNEZ", "Adam with Nesterov's look-ahead: often slightly better at the same cost."),
        ["nadamw"] = new("Dozat 2016; Dahl et al. 2023", "https://arxiv.org/abs/2306.07179", "The baseline of AlgoPerf: as AdamW, with a look-ahead."),
        ["radam"] = new("Liu et al. 2020", "https://arxiv.org/abs/1908.03265", "When no warm-up is wanted."),
        ["rprop"] = new("Riedmiller and Braun 1993", "https://doi.org/10.1109/ICNN.1993.298623", "Full-batch training of small networks; not for mini-batches."),
        ["asgd"] = new("Polyak and Juditsky 1992", "https://doi.org/10.1137/0330046", "Convex problems and language models of its time; today an EMA of any rule."),
        ["lion"] = new("Chen et al. 2023", "https://arxiv.org/abs/2302.06675", "Half of Adam's state; large batches; a rate three to ten times smaller."),
        ["ademamix"] = new("Pagliardini et al. 2024", "https://arxiv.org/abs/2409.03137", "Long runs: a slow second average of gradients keeps paying off."),
        ["adopt"] = new("Taniguchi et al. 2024", "https://arxiv.org/abs/2411.02853", "When Adam's convergence depends on β₂ and that is not wanted."),
        ["adan"] = new("Xie et al. 2022", "https://arxiv.org/abs/2208.06677", "Large batches and vision transformers, where 16 bytes of state are no matter."),
        ["cautious_adamw"] = new("Liang et al. 2024", "https://arxiv.org/abs/2411.16085", "To try where AdamW works: drops the coordinates that point against the gradient."),
        ["lars"] = new("You et al. 2017", "https://arxiv.org/abs/1708.03888", "Convolutional networks with batches of many thousands."),
        ["lamb"] = new("You et al. 2020", "https://arxiv.org/abs/1904.00962", "Transformers with batches of many thousands."),
        ["prodigy"] = new("Mishchenko and Defazio 2024", "https://arxiv.org/abs/2306.06101", "When no learning rate shall be searched: leave it at 1."),
        ["adam_mini"] = new("Zhang et al. 2024", "https://arxiv.org/abs/2406.16793", "AdamW's results with half of its state."),
        ["adafactor"] = new("Shazeer and Stern 2018", "https://arxiv.org/abs/1804.04235", "Almost no state: the largest model that fits."),
        ["adalomo"] = new("Lv et al. 2024", "https://arxiv.org/abs/2310.10195", "Full fine-tuning with almost no state."),
        ["lomo"] = new("Lv et al. 2023", "https://arxiv.org/abs/2306.09782", "Full fine-tuning with no state at all."),
        ["muon"] = new("Jordan et al. 2024; Liu et al. 2025", "https://arxiv.org/abs/2502.16982", "Hidden matrices of transformers: fewer steps than AdamW with half of its state."),
        ["soap"] = new("Vyas et al. 2025", "https://arxiv.org/abs/2409.11321", "The fewest steps, where the time of a step is dominated by forward and backward."),
        ["shampoo"] = new("Gupta et al. 2018; Anil et al. 2020; Shi et al. 2023", "https://arxiv.org/abs/2309.06497", "Large batches, when SOAP's memory is too much or AlgoPerf's winner is wanted."),
        ["galore"] = new("Zhao et al. 2024", "https://arxiv.org/abs/2403.03507", "Pre-training and full fine-tuning when Adam's state does not fit."),
        ["apollo"] = new("Zhu et al. 2025", "https://arxiv.org/abs/2412.05270", "As GaLore, without its decompositions."),
        ["apollo_mini"] = new("Zhu et al. 2025", "https://arxiv.org/abs/2412.05270", "SGD's memory with nearly AdamW's results."),
        ["schedule_free_sgd"] = new("Defazio et al. 2024", "https://arxiv.org/abs/2405.15682", "When the end of training is not known beforehand and momentum is the baseline."),
        ["schedule_free_adamw"] = new("Defazio et al. 2024", "https://arxiv.org/abs/2405.15682", "When the end of training is not known beforehand: no decay of the rate is needed."),
        ["schedule_free_radam"] = new("Defazio et al. 2024", "https://arxiv.org/abs/2405.15682", "As schedule_free_adamw, without a warm-up."),
        ["sam"] = new("Foret et al. 2021", "https://arxiv.org/abs/2010.01412", "Over-fitting on small data: two backward passes a step buy generalisation."),
        ["lbfgs"] = new("Liu and Nocedal 1989", "https://doi.org/10.1007/BF01589116", "Small smooth problems on the full batch."),
    };
}
