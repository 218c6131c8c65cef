"""The lecture's autoencoder as it stands in the lecture; only the comments are translated.

It is the oracle for `ecgae_lib.models.LectureAutoencoder`: keep it as it is.
"""

from torch import nn


# fmt: off
class Autoencoder(nn.Module):
    def __init__(self, signal_length):
        super().__init__()
        self.encoder = nn.Sequential(
            # first convolutional block
            nn.Conv1d(1, 16, kernel_size=5, stride=3, padding=2),
            nn.BatchNorm1d(16),
            nn.ReLU(),
            nn.MaxPool1d(kernel_size=2),

            # second convolutional block
            nn.Conv1d(16, 16, kernel_size=5, stride=3, padding=2),
            nn.BatchNorm1d(16),
            nn.ReLU(),
            nn.AdaptiveAvgPool1d(1) # global average pooling
        )
        self.bottleneck = nn.Linear(16, 2)
        self.decoder_fc = nn.Linear(2, 16)
        self.decoder = nn.Sequential(
            nn.ConvTranspose1d(16, 16, kernel_size=signal_length//2,\
                               stride=signal_length//2),
            nn.ReLU(),
            nn.ConvTranspose1d(16, 1, kernel_size=1),
        )
        self.signal_length = signal_length

    def forward(self, x):
        x = self.encoder(x)
        x = x.view(x.size(0), -1) # from [batch, 16, 1] to [batch, 16]
        z = self.bottleneck(x)
        x = self.decoder_fc(z)
        x = x.unsqueeze(-1) # [batch, 16, 1]
        # stretch to [batch, 16, signal_length//2]
        x = x.repeat(1, 1, self.signal_length // 2)
        x = self.decoder(x)
        # make sure that the output is as long as the input
        x = x[:, :, :self.signal_length]
        return x, z
# fmt: on
