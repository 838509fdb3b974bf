// One entry that every page loads, and the charts in a file of their own that only a page with a chart in view loads.
import { defineConfig } from "vite";

export default defineConfig({
  base: "/static/islands/",
  publicDir: false,
  build: {
    outDir: "../src/birge/web/static/islands",
    emptyOutDir: true,
    target: "es2022",
    modulePreload: { polyfill: false },
    // the charts are one chunk by choice: 300 KB packed, and nobody waits for it
    chunkSizeWarningLimit: 1200,
    rollupOptions: {
      input: "src/main.ts",
      output: { entryFileNames: "main.js", chunkFileNames: "[name]-[hash].js", assetFileNames: "[name]-[hash][extname]" },
    },
  },
});
