"""Checks for the exercises: they say which mistake an answer makes, never what is right.

Each check takes the answer, a number or a function, and prints a verdict.  An exercise that is
still `...` is not a mistake, so that an unsolved notebook runs from top to bottom.

One module per notebook, under the notebook's name; notebook 4's PCA and the
walks of notebook 9 have one of their own.
"""

from ecgae_lib.checks.applications import (
    fewest_bits,
    snr_gain,
    threshold,
    true_alarms,
    wiener_keeps,
)
from ecgae_lib.checks.autoencoder import (
    beats_pca,
    best_with_period,
    error_by_class,
    weights_of_layer,
)
from ecgae_lib.checks.convolution_lengths import (
    conv_450_to_90,
    count_stops,
    insert_zeros,
    output_padding_for_452,
    three_layers,
    transposed_weights,
)
from ecgae_lib.checks.evidence import (
    bound_from,
    enough_draws,
    gap_on_grid,
    perfect_encoder,
    posterior_mean,
    two_draws,
)
from ecgae_lib.checks.heartbeats import (
    error_of_offset,
    heart_rate,
    pca_numbers,
    resampling_fraction,
    share_a_moment,
)
from ecgae_lib.checks.latent_space import hole_by_hand, negative_t, turned_plane
from ecgae_lib.checks.pca import pca_by_hand
from ecgae_lib.checks.rate_and_distortion import (
    cheat,
    error_after,
    frontier,
    hole,
    mismatch_of_islands,
    two_active,
)
from ecgae_lib.checks.variational_autoencoder import (
    beta_of_sums,
    draw_z,
    gradient_of_sigma,
    kl_between,
    mu_of_8_nats,
    nats_of_16,
)
from ecgae_lib.checks.walks import circle_walk, even_steps, turning_point
from ecgae_lib.checks.what_a_decoder_draws import (
    different_values,
    eight_weights,
    for_any_length,
    from_1_to_450,
    gains,
    transposed,
)
from ecgae_lib.checks.what_beta_is import (
    beta_of_150,
    in_microvolts,
    likeliest_beta,
    log_density,
    of_higgins,
)
from ecgae_lib.checks.your_own_ecg import (
    beta_of_louder,
    bytes_on_disk,
    detector_rates,
    patient_folds,
    relative_beta,
    to_millivolts,
)
