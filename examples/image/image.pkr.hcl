# One image for every service in every environment: the machine's tags say what it runs.
#
#   packer build -only=amazon-ebs.image .               in the account whose credentials are set
#   packer build -only=null.root -var root=/DEBIAN .    into a Debian root on this machine, as root
#
# Both run bake.sh. Packer 1.6 has what this needs; from 1.7 on, first: packer plugins install github.com/hashicorp/amazon

variable "wheels" {
  type        = string
  default     = ""
  description = "The folder with the wheels of envtree and of what it needs, if not the one beside this file."
}

variable "region" {
  type    = string
  default = "eu-central-1"
}

variable "root" {
  type        = string
  default     = ""
  description = "The top of a Debian root; for null.root alone."
}

locals {
  wheels = var.wheels != "" ? var.wheels : "${path.root}/wheels"
}

source "amazon-ebs" "image" {
  ami_name      = "envtree-example-${formatdate("YYYYMMDD-hhmmss", timestamp())}"
  region        = var.region
  instance_type = "t3.small"
  ssh_username  = "admin"
  # The image holds the configuration of every environment.
  encrypt_boot = true

  source_ami_filter {
    owners      = ["136693071363"] # Debian
    most_recent = true
    filters = {
      name                = "debian-12-amd64-*"
      root-device-type    = "ebs"
      virtualization-type = "hvm"
    }
  }
}

source "null" "root" {
  communicator = "none"
}

build {
  sources = ["source.amazon-ebs.image", "source.null.root"]

  provisioner "shell" {
    only   = ["amazon-ebs.image"]
    inline = ["mkdir -m 0700 /tmp/bake /tmp/bake/wheels"]
  }
  provisioner "file" {
    only        = ["amazon-ebs.image"]
    sources     = ["${path.root}/bake.sh", "${path.root}/app", "${path.root}/tree"]
    destination = "/tmp/bake/"
  }
  provisioner "file" {
    only        = ["amazon-ebs.image"]
    source      = "${local.wheels}/"
    destination = "/tmp/bake/wheels"
  }
  provisioner "shell" {
    only = ["amazon-ebs.image"]
    inline = [
      "cloud-init status --wait",
      "sudo sh /tmp/bake/bake.sh /tmp/bake",
      "rm -rf /tmp/bake",
    ]
  }

  provisioner "shell-local" {
    only             = ["null.root"]
    environment_vars = ["ROOT=${var.root}", "HERE=${path.root}", "WHEELS=${local.wheels}"]
    inline_shebang   = "/bin/sh -eu"
    inline = [
      "test -d \"$ROOT/etc\"",
      "mkdir -m 0700 \"$ROOT/tmp/bake\"",
      "trap 'rm -rf \"$ROOT/tmp/bake\"' EXIT",
      "cp -R \"$HERE/bake.sh\" \"$HERE/app\" \"$HERE/tree\" \"$ROOT/tmp/bake\"",
      "cp -R \"$WHEELS\" \"$ROOT/tmp/bake/wheels\"",
      "env -i PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin chroot \"$ROOT\" sh /tmp/bake/bake.sh /tmp/bake",
    ]
  }
}
